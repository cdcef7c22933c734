import { expect } from 'vitest';
import type { Instances } from '#dist/core/result.js';
import type { OracleResult } from '../../oracle/oracle.js';
import { spansOf } from './build.js';

/** Same objects in the same order; scores and boxes within float32, masks to the pixel. */
export function expectLikeOracle(instances: Instances, expected: OracleResult, label: string): void {
  expect([...instances.classIds], `${label}: classes`).toEqual(expected.detections.map((one) => one.classId));
  expected.detections.forEach((one, index) => {
    expect(Math.abs(instances.scores[index] - one.score), `${label}: score ${index}`).toBeLessThan(1e-6);
    one.box.forEach((edge, side) => {
      expect(Math.abs(instances.boxesImage[index * 4 + side] - edge), `${label}: box ${index}`).toBeLessThan(
        1e-3,
      );
    });
    // As text: deep equality of ten thousands of triples takes seconds.
    const found = spansOf(instances, index).join('\n');
    if (found !== one.spans.join('\n')) {
      expect(spansOf(instances, index), `${label}: mask ${index}`).toEqual(one.spans);
    }
  });
}
