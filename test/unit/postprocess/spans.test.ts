import { describe, expect, it } from 'vitest';
import type { Instances } from '#dist/core/result.js';
import {
  boxOf,
  maskAreaPx,
  maskIou,
  maskRect,
  type RectPx,
  rasterizeMask,
  runLengths,
} from '#dist/core/spans.js';
import { makeRandom } from '../../support/random.js';

const widthPx = 24;
const heightPx = 17;

/** Instances from plain masks, boxes being the whole picture. */
function fromMasks(masks: readonly Uint8Array[]): Instances {
  const spans: number[] = [];
  const starts = [0];
  for (const mask of masks) {
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        if (mask[y * widthPx + x] === 0 || (x > 0 && mask[y * widthPx + x - 1] > 0)) continue;
        let end = x;
        while (end < widthPx && mask[y * widthPx + end] > 0) end++;
        spans.push(y, x, end);
      }
    }
    starts.push(spans.length / 3);
  }
  return {
    count: masks.length,
    boxesImage: Float32Array.from(masks.flatMap((_, index) => [index + 0.5, 1.5, widthPx, heightPx])),
    scores: new Float32Array(masks.length),
    classIds: new Uint16Array(masks.length),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.from(starts),
    contours: null,
  };
}

const random = makeRandom(31);
const pixels = (share: number) =>
  Uint8Array.from({ length: widthPx * heightPx }, () => Number(random() < share));
const masks = [0, 0.05, 0.3, 0.5, 0.9, 1].flatMap((share) => [pixels(share), pixels(share)]);
const instances = fromMasks(masks);
const rects: readonly RectPx[] = [
  { xPx: 0, yPx: 0, widthPx, heightPx },
  { xPx: 3, yPx: 2, widthPx: 10, heightPx: 9 },
  { xPx: 20, yPx: 12, widthPx: 4, heightPx: 5 },
  { xPx: 7, yPx: 7, widthPx: 1, heightPx: 1 },
  { xPx: 7, yPx: 7, widthPx: 0, heightPx: 4 },
  { xPx: -3, yPx: -2, widthPx: 40, heightPx: 30 },
];

/** The rectangle's pixels, row by row; outside of the picture there is nothing. */
function cut(mask: Uint8Array, rect: RectPx): number[] {
  return Array.from({ length: rect.widthPx * rect.heightPx }, (_, at) => {
    const x = rect.xPx + (at % rect.widthPx);
    const y = rect.yPx + Math.floor(at / rect.widthPx);
    return x >= 0 && y >= 0 && x < widthPx && y < heightPx ? mask[y * widthPx + x] : 0;
  });
}

describe.each(rects)('within $widthPx x $heightPx at $xPx, $yPx', (rect) => {
  it('rasters are the mask, and what lies behind them is left alone', () => {
    masks.forEach((mask, index) => {
      const out = new Uint8Array(rect.widthPx * rect.heightPx + 2).fill(7);
      rasterizeMask(instances, index, rect, out);
      expect([...out]).toEqual([...cut(mask, rect).map((value) => value * 255), 7, 7]);
    });
  });

  it('run lengths alternate from outside, cover the rectangle and are the mask', () => {
    masks.forEach((mask, index) => {
      const runs = [...runLengths(instances, index, rect)];
      const drawn = runs.flatMap((length, run) => new Array<number>(length).fill(run % 2));
      expect(drawn).toEqual(cut(mask, rect));
      expect(runs.slice(1).every((length) => length > 0)).toBe(true);
    });
  });
});

it('a raster that does not fit is refused', () => {
  expect(() => rasterizeMask(instances, 0, rects[1], new Uint8Array(89))).toThrow(/10x9 pixels .* 89 bytes/);
});

it('areas are counted pixels', () => {
  masks.forEach((mask, index) => {
    expect(maskAreaPx(instances, index)).toBe(mask.reduce((sum, value) => sum + value, 0));
  });
});

it('IoU is counted pixels, also between two frames; 0 for two empty masks', () => {
  const other = fromMasks([...masks].reverse());
  masks.forEach((a, indexA) => {
    [...masks].reverse().forEach((b, indexB) => {
      const shared = a.reduce((sum, value, at) => sum + (value & b[at]), 0);
      const union = a.reduce((sum, value, at) => sum + (value | b[at]), 0);
      expect(maskIou(instances, indexA, other, indexB)).toBe(union === 0 ? 0 : shared / union);
    });
  });
});

it('rectangles cover a box of fractions, and nothing more', () => {
  expect(boxOf(instances, 2)).toEqual({ x1: 2.5, y1: 1.5, x2: widthPx, y2: heightPx });
  expect(maskRect({ x1: 2.5, y1: 0, x2: 4, y2: 7.01 })).toEqual({ xPx: 2, yPx: 0, widthPx: 2, heightPx: 8 });
  expect(maskRect({ x1: 3, y1: 3, x2: 3, y2: 5 }).widthPx).toBe(0);
});
