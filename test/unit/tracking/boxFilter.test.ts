import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Box } from '#dist/core/geometry.js';
import { BoxFilter } from '#dist/tracking/boxFilter.js';

/** By filterpy and SciPy (tools/oracles/tracking.py): the state after each step, with the whole covariance of eight values. */
const steps = JSON.parse(readFileSync('test/fixtures/tracking/kalman.json', 'utf8')) as readonly {
  readonly box: readonly [number, number, number, number] | null;
  readonly dtS: number;
  readonly lost: boolean;
  readonly mean: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}[];

const boxOf = ([x1, y1, x2, y2]: readonly [number, number, number, number]): Box => ({ x1, y1, x2, y2 });

it('the box filter has the states of a Kalman filter with matrices, over uneven times and a loss', () => {
  const filter = new BoxFilter(boxOf(steps[0]!.box!));
  steps.forEach(({ box, dtS, lost, mean, covariance }, step) => {
    if (step > 0) filter.predict(dtS, lost);
    if (step > 0 && box !== null) filter.update(boxOf(box));
    for (let i = 0; i < 4; i++) {
      const own = filter.state.subarray(i * 5, i * 5 + 5);
      const expected = [
        mean[i]!,
        mean[i + 4]!,
        covariance[i]![i]!,
        covariance[i]![i + 4]!,
        covariance[i + 4]![i + 4]!,
      ];
      expected.forEach((value, at) => {
        const off = Math.abs(own[at]! - value);
        expect(off, `step ${step}, value ${i}, ${at}`).toBeLessThan(1e-7 * Math.max(1, Math.abs(value)));
      });
    }
  });
});

it('two steps in time are as good as one, which is what a dropped frame is', () => {
  const [once, twice] = [0, 1].map(() => {
    const filter = new BoxFilter({ x1: 0, y1: 0, x2: 30, y2: 20 });
    filter.predict(0.1, true);
    filter.update({ x1: 4, y1: 1, x2: 34, y2: 21 });
    return filter;
  }) as [BoxFilter, BoxFilter];
  once.predict(0.5, true);
  twice.predict(0.2, true);
  twice.predict(0.3, true);
  [...once.state].forEach((value, at) => {
    expect(twice.state[at]).toBeCloseTo(value, 8);
  });
});
