import { describe, expect, it } from 'vitest';
import { expectedBin } from '#dist/postprocess/dfl.js';
import { makeRandom } from '../../support/random.js';

/** The definition, with the exact exponential. */
function softmaxMean(logits: readonly number[]): number {
  const peak = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - peak));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.reduce((total, weight, bin) => total + weight * bin, 0) / sum;
}

function expectedBinOf(logits: readonly number[]): number {
  const bins = logits.length;
  const channels = { scales: new Float64Array(bins).fill(1), zeroPoints: new Float64Array(bins) };
  return expectedBin(Float32Array.from(logits), 0, 1, bins, channels, 0, new Float64Array(bins));
}

describe('the expected bin', () => {
  it.each([0.01, 1, 10, 60, 400])('is the mean of the softmax for logits spread over %f', (spread) => {
    const random = makeRandom(7);
    for (let round = 0; round < 500; round++) {
      const logits = Array.from({ length: 16 }, () => Math.fround((random() - 0.5) * spread));
      expect(Math.abs(expectedBinOf(logits) - softmaxMean(logits))).toBeLessThan(2e-6);
    }
  });

  it.each([
    { logits: [3e38, -3e38, -3e38, -3e38], bin: 0 },
    { logits: [-3e38, -3e38, -3e38, 3e38], bin: 3 },
    { logits: [-3e38, -3e38, -3e38, -3e38], bin: 1.5 },
    { logits: [-Infinity, 0, -Infinity, -Infinity], bin: 1 },
  ])('of $logits is $bin: nothing overflows', ({ logits, bin }) => {
    expect(expectedBinOf(logits)).toBeCloseTo(bin, 6);
  });

  it.each([[[Number.NaN, 0, 1, 2]], [[0, 1, 2, Number.NaN]], [[0, Infinity, 1, 2]]])(
    'of %j is not a number',
    (logits) => {
      expect(expectedBinOf(logits)).toBeNaN();
    },
  );
});
