import type { FrameResult, Instances } from '#dist/core/result.js';
import type { TrackingOptions } from '#dist/core/tracks.js';
import { fakeResult } from '../pipeline/fakes.js';

/** As the parameters have them by default. */
export const usualOptions: TrackingOptions = {
  scoreThreshold: 0.25,
  lowScore: 0.1,
  highScore: 0.5,
  newScore: 0.6,
  matchSimilarity: 0.15,
  lowMatchSimilarity: 0.4,
  usesMasks: true,
  maxLostS: 1,
};

/** A rectangle whose mask fills it, but for one that is hollow, which has none. */
export interface Thing {
  readonly x: number;
  readonly y: number;
  readonly w?: number;
  readonly h?: number;
  readonly score?: number;
  readonly classId?: number;
  readonly hollow?: boolean;
}

/** Things as instances, in the order that they are given in. */
export function thingsAsInstances(things: readonly Thing[]): Instances {
  const spans: number[] = [];
  const spanStarts = [0];
  for (const { x, y, w = 40, h = 30, hollow = false } of things) {
    const [x1, x2] = [Math.max(0, Math.round(x)), Math.max(0, Math.round(x + w))];
    for (let row = Math.max(0, Math.round(y)); row < y + h && !hollow && x2 > x1; row++)
      spans.push(row, x1, x2);
    spanStarts.push(spans.length / 3);
  }
  return {
    count: things.length,
    boxesImage: Float32Array.from(things.flatMap(({ x, y, w = 40, h = 30 }) => [x, y, x + w, y + h])),
    scores: Float32Array.from(things, ({ score = 0.9 }) => score),
    classIds: Uint16Array.from(things, ({ classId = 0 }) => classId),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.from(spanStarts),
    contours: null,
  };
}

/** The result of a frame at a time in seconds. */
export function resultAt(atS: number, things: readonly Thing[]): FrameResult {
  return { ...fakeResult(0, BigInt(Math.round(atS * 1e9))), instances: thingsAsInstances(things) };
}
