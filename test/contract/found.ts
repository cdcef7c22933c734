import { expect } from 'vitest';
import type { Box } from '#dist/core/geometry.js';
import type { FrameResult } from '#dist/core/result.js';
import { boxOf, rasterizeMask } from '#dist/core/spans.js';

/** An object as references give it; boxes and masks in source pixels. */
export interface ExpectedObject {
  readonly name: string;
  readonly score: number;
  readonly box: readonly number[];
  /** Column-major run lengths, beginning with background. */
  readonly maskCounts?: readonly number[];
}

export interface Tolerance {
  readonly score: number;
  readonly boxPx: number;
  /** Least mask IoU, where the reference has a mask. */
  readonly maskIou?: number;
}

/** How far one expected object and the found object nearest to it are apart. */
export interface Gap {
  readonly name: string;
  readonly score: number;
  readonly scoreGap: number;
  readonly boxGapPx: number;
  readonly maskIou: number | null;
}

function boxIou(a: Box, b: Box): number {
  const widthPx = Math.max(0, Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1));
  const heightPx = Math.max(0, Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1));
  const area = (box: Box) => (box.x2 - box.x1) * (box.y2 - box.y1);
  const inter = widthPx * heightPx;
  return inter / (area(a) + area(b) - inter);
}

function maskIou(result: FrameResult, index: number, counts: readonly number[]): number {
  const { widthPx, heightPx } = result.header;
  const found = new Uint8Array(widthPx * heightPx);
  rasterizeMask(result.instances, index, { xPx: 0, yPx: 0, widthPx, heightPx }, found);
  let inter = 0;
  let expectedArea = 0;
  let at = 0;
  counts.forEach((length, run) => {
    if (run % 2 === 1) {
      expectedArea += length;
      for (let pixel = at; pixel < at + length; pixel++) {
        const y = pixel % heightPx;
        inter += found[y * widthPx + (pixel - y) / heightPx] === 0 ? 0 : 1;
      }
    }
    at += length;
  });
  const foundArea = found.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
  return inter / (expectedArea + foundArea - inter);
}

/** The gaps of all expected objects scored above `minScore`; throws if one has no counterpart (IoU above 0.5). */
export function measureGaps(
  result: FrameResult,
  classNames: readonly string[],
  expected: readonly ExpectedObject[],
  minScore: number,
): Gap[] {
  const { instances } = result;
  return expected
    .filter((object) => object.score > minScore)
    .map((object) => {
      const [x1, y1, x2, y2] = object.box as [number, number, number, number];
      let best = -1;
      let bestIou = 0.5;
      for (let index = 0; index < instances.count; index++) {
        const iou = boxIou(boxOf(instances, index), { x1, y1, x2, y2 });
        if (classNames[instances.classIds[index]!] !== object.name || iou <= bestIou) continue;
        best = index;
        bestIou = iou;
      }
      if (best < 0) throw new Error(`not found: ${object.name} ${object.score} [${object.box}]`);
      const box = instances.boxesImage.subarray(best * 4, best * 4 + 4);
      return {
        name: object.name,
        score: object.score,
        scoreGap: Math.abs(instances.scores[best]! - object.score),
        boxGapPx: Math.max(...object.box.map((edge, side) => Math.abs(edge - box[side]!))),
        maskIou: object.maskCounts === undefined ? null : maskIou(result, best, object.maskCounts),
      };
    });
}

export function expectWithin(gaps: readonly Gap[], tolerance: Tolerance): void {
  expect(gaps.length).toBeGreaterThan(0);
  for (const gap of gaps) {
    const what = `${gap.name} ${gap.score}`;
    expect(gap.scoreGap, `score of ${what}`).toBeLessThanOrEqual(tolerance.score);
    expect(gap.boxGapPx, `box of ${what}`).toBeLessThanOrEqual(tolerance.boxPx);
    if (tolerance.maskIou !== undefined && gap.maskIou !== null) {
      expect(gap.maskIou, `mask of ${what}`).toBeGreaterThanOrEqual(tolerance.maskIou);
    }
  }
}
