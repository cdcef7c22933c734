import { expect } from 'vitest';
import type { Instances } from '#dist/core/result.js';

/** Everything alike; spans as bytes, since the difference of ten thousands of numbers takes minutes to print. */
export function expectSame(found: Instances, expected: Instances): void {
  const { spans, ...rest } = found;
  const { spans: expectedSpans, ...expectedRest } = expected;
  expect(rest).toEqual(expectedRest);
  expect(Buffer.compare(Buffer.from(spans.buffer), Buffer.from(expectedSpans.buffer)), 'spans').toBe(0);
}
