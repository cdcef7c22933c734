import type { TensorData } from '../core/tensor.js';
import type { ChannelScales } from './dequantise.js';

/**
 * Expected distance of one side in cells: softmax over `bins` values, then the mean bin.
 *
 * The bins lie at `at`, `at + step`, ...; their channels in `channels` count from `firstChannel`. The largest
 * value is subtracted before exp, so that no finite input overflows. NaN if a value is NaN or +Infinity.
 */
export function expectedBin(
  data: TensorData,
  at: number,
  step: number,
  bins: number,
  channels: ChannelScales,
  firstChannel: number,
  scratch: Float64Array,
): number {
  const { scales, zeroPoints } = channels;
  let peak = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < bins; bin++) {
    const value = (data[at + bin * step] - zeroPoints[firstChannel + bin]) * scales[firstChannel + bin];
    scratch[bin] = value;
    if (value > peak) peak = value;
  }
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < bins; bin++) {
    const weight = Math.exp(scratch[bin] - peak);
    sum += weight;
    weighted += weight * bin;
  }
  return weighted / sum;
}
