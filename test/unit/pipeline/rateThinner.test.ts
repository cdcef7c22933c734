import { describe, expect, it } from 'vitest';
import { RateThinner } from '#dist/pipeline/rateThinner.js';
import { makeRandom } from '../../support/random.js';

/** Which of the frames seen at these times are taken. */
function taken(timesMs: readonly number[], maxRateHz: number): number[] {
  const thinner = new RateThinner();
  return timesMs.flatMap((time, index) => (thinner.takes(time, 0, maxRateHz) ? [index] : []));
}
const every = (periodMs: number, count: number, jitter = () => 0) =>
  Array.from({ length: count }, (_, index) => 1e12 + index * periodMs + jitter());
const gaps = (indices: readonly number[]) => indices.slice(1).map((index, at) => index - indices[at]!);

describe('RateThinner', () => {
  it('takes every frame without a limit, and of a slower camera', () => {
    expect(taken(every(1, 50), 0)).toHaveLength(50);
    expect(taken(every(100, 50), 30)).toHaveLength(50);
  });

  it.each([
    [30, 5, 6],
    [30, 15, 2],
    [60, 20, 3],
    [182, 91, 2],
  ])('of %i frames a second takes %i, each %ith one', (cameraHz, maxRateHz, step) => {
    const indices = taken(every(1000 / cameraHz, 40 * step), maxRateHz);
    // Half a frame is saved up at the beginning.
    expect(new Set(gaps(indices).slice(2))).toEqual(new Set([step]));
    expect(Math.abs(indices.length - 40)).toBeLessThanOrEqual(1);
  });

  it('where rates do not divide, takes the limit over time', () => {
    const seconds = 60;
    expect(Math.abs(taken(every(1000 / 30, 30 * seconds), 7).length - 7 * seconds)).toBeLessThanOrEqual(1);
  });

  it.each([1, 2, 3])(
    'takes every frame of a camera at the very rate, though its stamps jitter (seed %i)',
    (seed) => {
      const random = makeRandom(seed);
      const jitter = () => (random() - 0.5) * 10;
      expect(taken(every(1000 / 30, 3000, jitter), 30)).toHaveLength(3000);
    },
  );

  it('takes no burst after a pause', () => {
    const times = [...every(10, 20), ...every(10, 20).map((time) => time + 3_600_000)];
    const after = taken(times, 10).filter((index) => index >= 20);
    expect(after.length).toBeLessThanOrEqual(3);
  });

  it.each([
    [30, 5],
    [60, 5],
  ])('of %i frames a second that come in disorder takes no more than twice %i', (cameraHz, maxRateHz) => {
    const seconds = 20;
    const inOrder = every(1000 / cameraHz, cameraHz * seconds);
    const swapped = inOrder.map((_, index) => inOrder[index ^ 1]!);
    const { length } = taken(swapped, maxRateHz);
    expect(length).toBeGreaterThanOrEqual(maxRateHz * seconds - 1);
    expect(length).toBeLessThanOrEqual(2 * maxRateHz * seconds + 1);
  });

  it.each([
    ['stand still', 1e12],
    ['are 0', 0],
  ])('goes by the times at which frames come while stamps %s, and says so', (_, stampMs) => {
    const thinner = new RateThinner();
    const indices = every(1000 / 30, 240).flatMap((time, index) =>
      thinner.takes(stampMs, time, 5) ? [index] : [],
    );
    expect(new Set(gaps(indices).slice(2))).toEqual(new Set([6]));
    expect(thinner.isStanding).toBe(true);
    thinner.takes(1e12 + 50, 0, 5);
    expect(thinner.isStanding).toBe(false);
  });

  it.each([
    ['twice', 1000 / 15],
    ['for a whole second', 1000],
  ])('where each stamp comes %s takes the limit over time all the same', (_, stepMs) => {
    const thinner = new RateThinner();
    const seconds = 60;
    const times = every(1000 / 30, 30 * seconds);
    const coarse = times.map((time) => 1e12 + Math.floor((time - 1e12 + 0.001) / stepMs) * stepMs);
    const count = times.filter((time, index) => thinner.takes(coarse[index]!, time, 7)).length;
    expect(Math.abs(count - 7 * seconds)).toBeLessThanOrEqual(2);
  });

  it('begins anew where time runs backwards, and follows a limit that changes', () => {
    const thinner = new RateThinner();
    expect([5000, 5001, 1000, 1001].map((time) => thinner.takes(time, 0, 1))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([1002, 1003].map((time) => thinner.takes(time, 0, 0))).toEqual([true, true]);
    expect(thinner.takes(1004, 0, 1)).toBe(true);
    expect(thinner.takes(1005, 0, 1)).toBe(false);
  });
});
