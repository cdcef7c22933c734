const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

/** The logit of a probability; -Infinity at 0 and +Infinity at 1. */
export function logitOf(prob: number): number {
  return Math.log(prob / (1 - prob));
}

/** The probability of a logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** `value > threshold` as `(bits ^ flip) < limit`, all int32. */
export interface BitThreshold {
  readonly flip: number;
  readonly limit: number;
}

/** For integers that are compared as they are: true above `value`, an int32. */
export function integerThreshold(value: number): BitThreshold {
  // ~a < ~b is a > b.
  return { flip: -1, limit: ~value };
}

/**
 * For float32 values seen as int32 bits.
 *
 * Positive floats are ordered like their bits. Negative ones are ordered the other way round, and flipping the
 * sign bit puts them above the positive ones. The threshold is rounded down to a float32 first, so that no
 * float32 lies between the two. NaN with its sign bit clear and +Infinity count as above and must be sorted
 * out by the caller.
 */
export function floatThreshold(threshold: number): BitThreshold {
  float[0] = threshold;
  if (float[0] > threshold) {
    if (float[0] === 0) floatBits[0] = -0x7fffffff;
    else floatBits[0] += float[0] > 0 ? -1 : 1;
  }
  if (float[0] === 0) return integerThreshold(0);
  return float[0] > 0
    ? integerThreshold(floatBits[0])
    : { flip: -0x80000000, limit: floatBits[0] ^ -0x80000000 };
}
