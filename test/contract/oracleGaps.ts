import { expect } from 'vitest';
import type { Instances } from '#dist/core/result.js';
import type { OracleDetection } from '../oracle/oracle.js';

/** The pixels of a mask, as one number each. */
function pixelsOf(spans: Iterable<readonly [number, number, number]>): Set<number> {
  const pixels = new Set<number>();
  for (const [y, x1, x2] of spans) for (let x = x1; x < x2; x++) pixels.add(y * 65536 + x);
  return pixels;
}

function* spansOf({ spans, spanStarts }: Instances, index: number): Generator<[number, number, number]> {
  for (let span = spanStarts[index]!; span < spanStarts[index + 1]!; span++) {
    yield [spans[span * 3]!, spans[span * 3 + 1]!, spans[span * 3 + 2]!];
  }
}

/** Greatest score and box gap and least mask IoU between instances and the oracle's. */
export interface OracleGaps {
  score: number;
  boxPx: number;
  maskIou: number;
}

function measureGaps(instances: Instances, expected: readonly OracleDetection[]): OracleGaps {
  const gaps: OracleGaps = { score: 0, boxPx: 0, maskIou: 1 };
  expected.forEach((detection, index) => {
    gaps.score = Math.max(gaps.score, Math.abs(instances.scores[index]! - detection.score));
    detection.box.forEach((edge, side) => {
      gaps.boxPx = Math.max(gaps.boxPx, Math.abs(instances.boxesImage[index * 4 + side]! - edge));
    });
    const ours = pixelsOf(spansOf(instances, index));
    const theirs = pixelsOf(detection.spans);
    const shared = [...ours].filter((pixel) => theirs.has(pixel)).length;
    const union = ours.size + theirs.size - shared;
    gaps.maskIou = Math.min(gaps.maskIou, union === 0 ? 1 : shared / union);
  });
  return gaps;
}

/** Same classes in the same order, every score within 0.001, box edge within 0.05 px, mask IoU at least 0.995. */
export function expectLikeOracle(
  instances: Instances,
  expected: readonly OracleDetection[],
  label = '',
): OracleGaps {
  expect([...instances.classIds], label).toEqual(expected.map(({ classId }) => classId));
  const gaps = measureGaps(instances, expected);
  expect(gaps.score, label).toBeLessThanOrEqual(0.001);
  expect(gaps.boxPx, label).toBeLessThanOrEqual(0.05);
  expect(gaps.maskIou, label).toBeGreaterThanOrEqual(0.995);
  return gaps;
}
