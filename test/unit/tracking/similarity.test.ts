import { expect, it } from 'vitest';
import { sharedAreaPx } from '#dist/core/spans.js';
import { Similarity } from '#dist/tracking/similarity.js';
import { Track } from '#dist/tracking/track.js';
import { instancesOf, randomPixelMasks } from '../core/pixelMasks.js';
import { makeRandom } from '../../support/random.js';

it('a shifted mask shares the pixels that counting them one by one says', () => {
  const random = makeRandom(3);
  for (let seed = 1; seed <= 6; seed++) {
    const { instances, masks, header } = randomPixelMasks(6, seed);
    const { widthPx, heightPx } = header;
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) {
        const [dx, dy] = [Math.round(random() * 30 - 15), Math.round(random() * 30 - 15)];
        let shared = 0;
        for (let y = 0; y < heightPx; y++) {
          for (let x = 0; x < widthPx; x++) {
            const [fromX, fromY] = [x - dx, y - dy];
            const inside = fromX >= 0 && fromX < widthPx && fromY >= 0 && fromY < heightPx;
            if (inside && masks[a]![fromY * widthPx + fromX] && masks[b]![y * widthPx + x]) shared++;
          }
        }
        expect(sharedAreaPx(instances, a, instances, b, dx, dy), `${seed}: ${a}, ${b}`).toBe(shared);
      }
    }
  }
});

it('is the better of the IoU of boxes and that of masks, counted by pixels', () => {
  const { instances, masks } = randomPixelMasks(8, 11);
  const similarity = new Similarity(instances, true);
  const boxesOnly = new Similarity(instances, false);
  const overlap = (a: Uint8Array, b: Uint8Array) => {
    const both = a.filter((inside, at) => inside && b[at]).length;
    const either = a.filter((inside, at) => inside || b[at]).length;
    return either === 0 ? 0 : both / either;
  };
  const filled = masks.map((mask, i) => {
    const [x1, y1, x2, y2] = [...instances.boxesImage.subarray(i * 4, i * 4 + 4)] as [
      number,
      number,
      number,
      number,
    ];
    return mask.map((_, at) => (at % 48 >= x1 && at % 48 < x2 && at >= y1 * 48 && at < y2 * 48 ? 1 : 0));
  });
  for (let a = 0; a < 8; a++) {
    const track = new Track(instances, a, 0);
    for (let b = 0; b < 8; b++) {
      // A mask without pixels has a box without any here, which the filter takes for one of a pixel.
      if (!masks[a]!.includes(1)) continue;
      const ofBoxes = overlap(filled[a]!, filled[b]!);
      const expected = ofBoxes === 0 ? 0 : Math.max(ofBoxes, overlap(masks[a]!, masks[b]!));
      expect(boxesOnly.of(track, track.box, b)).toBeCloseTo(ofBoxes, 6);
      expect(similarity.of(track, track.box, b)).toBeCloseTo(expected, 6);
    }
  }
});

it('takes a mask that lies where it is expected, in a box that says little of where it is', () => {
  const block = (...more: number[]) => {
    const mask = new Uint8Array(48 * 34);
    for (let y = 4; y < 14; y++) mask.fill(1, y * 48 + 5, y * 48 + 15);
    for (const at of more) mask[at] = 1;
    return mask;
  };
  const instances = instancesOf([block(), block(33 * 48 + 47)], 48, [0, 0]);
  const track = new Track(instances, 0, 0);
  expect(new Similarity(instances, false).of(track, track.box, 1)).toBeCloseTo(100 / (43 * 30), 6);
  expect(new Similarity(instances, true).of(track, track.box, 1)).toBeCloseTo(100 / 101, 6);
});

it('compares masks up to a limit, so that no crowd takes the event loop, and boxes alone behind it', () => {
  const rows = 500;
  const spansOfMask = Array.from({ length: rows }, (_, y) => [y, 0, 20]).flat();
  // Two equal masks, IoU 1, of boxes that are moved by a half, IoU a third.
  const instances = {
    count: 2,
    boxesImage: Float32Array.from([0, 0, 40, rows, 20, 0, 60, rows]),
    scores: Float32Array.of(0.9, 0.9),
    classIds: Uint16Array.of(0, 0),
    spans: Uint16Array.from([...spansOfMask, ...spansOfMask]),
    spanStarts: Uint32Array.of(0, rows, 2 * rows),
    contours: null,
  };
  const similarity = new Similarity(instances, true);
  const track = new Track(instances, 0, 0);
  const found = Array.from({ length: 500 }, () => similarity.of(track, track.box, 1));
  expect(found.slice(0, 400)).toEqual(found.slice(0, 400).map(() => 1));
  for (const alike of found.slice(400)) expect(alike).toBeCloseTo(1 / 3, 9);
});
