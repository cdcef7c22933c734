import { expect, it } from 'vitest';
import type { SegmentedPicture } from '#dist/offline/segmented.js';
import { yoloLabels } from '#dist/offline/yoloLabels.js';

const square = (x: number, y: number, side: number) => [x, y, x + side, y, x + side, y + side, x, y + side];

/** Twice the area that an outline encloses (shoelace formula). */
function doubledArea(points: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < points.length; at += 2) {
    const next = (at + 2) % points.length;
    sum += points[at]! * points[next + 1]! - points[next]! * points[at + 1]!;
  }
  return sum;
}

/** A picture of 100 x 100 with one instance of class 3, whose mask has these outlines. */
function pictureOf(rings: readonly { points: readonly number[]; isHole: boolean }[]): SegmentedPicture {
  const rle = { size: [100, 100], counts: '' } as const;
  const instance = {
    classId: 3,
    className: 'cone',
    score: 0.5,
    trackId: undefined,
    box: { x1: 0, y1: 0, x2: 100, y2: 100 },
    rle,
    rings,
  };
  return {
    input: {
      kind: 'picture',
      path: 'a.jpg',
      name: 'a',
      sizeBytes: async () => 0,
      read: async () => new Uint8Array(),
    },
    header: { stampNs: 0n, frameId: '', sequence: 0, widthPx: 100, heightPx: 100 },
    instances: [instance],
  };
}

it('labels the parts of a mask by one outline with the area of all, holes filled', () => {
  const rings = [
    { points: square(10, 10, 20), isHole: false },
    { points: square(15, 15, 5).toReversed(), isHole: true },
    { points: square(60, 10, 10), isHole: false },
    { points: square(80, 70, 15), isHole: false },
  ];
  const [line, end] = yoloLabels(pictureOf(rings)).split('\n');
  expect(end).toBe('');
  const [classId, ...shares] = line!.split(' ').map(Number);
  expect(classId).toBe(3);
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  const outline = shares.map((share) => share * 100);
  expect(doubledArea(outline)).toBeCloseTo(2 * (20 * 20 + 10 * 10 + 15 * 15), 6);
  // Every corner of the parts is one of the outline.
  for (const { points } of rings.filter(({ isHole }) => !isHole)) {
    for (let at = 0; at < points.length; at += 2) {
      const isThere = outline.some(
        (x, i) => i % 2 === 0 && x === points[at] && outline[i + 1] === points[at + 1],
      );
      expect(isThere).toBe(true);
    }
  }
});

it('labels nothing where a mask has no outline', () => {
  expect(yoloLabels(pictureOf([]))).toBe('');
});
