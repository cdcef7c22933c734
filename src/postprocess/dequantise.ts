import type { TensorSpec } from '../core/tensor.js';

/** real = (int - zeroPoints[channel]) * scales[channel], for every quantisation and for floats (0 and 1). */
export interface ChannelScales {
  /** [channels] */
  readonly scales: Float64Array;
  /** [channels] */
  readonly zeroPoints: Float64Array;
}

/** Brings scale, shift and no quantisation into one form with a value per channel. */
export function channelScales(spec: TensorSpec, channels: number): ChannelScales {
  const quantisation = spec.quantisation;
  const scales = new Float64Array(channels).fill(1);
  const zeroPoints = new Float64Array(channels);
  if (quantisation.kind === 'none' || spec.type === 'f32') return { scales, zeroPoints };
  for (let channel = 0; channel < channels; channel++) {
    if (quantisation.kind === 'shift') {
      scales[channel] = 2 ** -perChannel(quantisation.shifts, channel);
    } else {
      scales[channel] = perChannel(quantisation.quantScales, channel);
      if (quantisation.zeroPoints.length > 0) {
        zeroPoints[channel] = perChannel(quantisation.zeroPoints, channel);
      }
    }
  }
  return { scales, zeroPoints };
}

function perChannel(values: ArrayLike<number>, channel: number): number {
  return values.length === 1 ? values[0] : values[channel];
}

/**
 * An integer that every element whose real value is above `threshold` exceeds, whatever its channel.
 * Elements above it need not be above the threshold: it serves to skip the rest.
 */
export function integerLimit(channels: ChannelScales, threshold: number): number {
  let limit = Number.POSITIVE_INFINITY;
  for (let channel = 0; channel < channels.scales.length; channel++) {
    limit = Math.min(limit, threshold / channels.scales[channel] + channels.zeroPoints[channel]);
  }
  return Math.min(Math.max(Math.floor(limit) - 1, -0x80000000), 0x7fffffff);
}
