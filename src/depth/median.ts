/** Bits of a float32 that values are first told apart by: exponent and upper mantissa, a 128th of the value. */
const coarseShift = 16;
/** Values that are not negative have a sign of 0. */
const coarseBins = 1 << 15;

/** Puts the value of rank `rank` at its place, smaller ones before it and larger ones behind it (Hoare's selection). */
function select(values: Float32Array, count: number, rank: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const value = values[left]!;
      values[left++] = values[right]!;
      values[right--] = value;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
}

/**
 * Finds medians; keeps its scratch memory.
 *
 * Values are counted by their upper bits, which are ordered as the values are, and only those that share them with the median are
 * sorted out: no branch depends on a value in the loops over all.
 */
export class MedianFinder {
  // Signed: loops over 32-bit integers stay in them.
  readonly #counts = new Int32Array(coarseBins);
  #near = new Float32Array(0);

  /** Median of the first `count` values, at least one, none of them negative or NaN. */
  of(values: Float32Array, count: number): number {
    const bits = new Int32Array(values.buffer, values.byteOffset, count);
    const counts = this.#counts;
    let least = coarseBins - 1;
    let most = 0;
    for (let i = 0; i < count; i++) {
      const bin = bits[i]! >>> coarseShift;
      if (bin < least) least = bin;
      if (bin > most) most = bin;
    }
    counts.fill(0, least, most + 1);
    for (let i = 0; i < count; i++) counts[bits[i]! >>> coarseShift]!++;
    const middle = count >> 1;
    const upper = this.#ofRank(values, bits, middle, least);
    return count % 2 === 1 ? upper : (this.#ofRank(values, bits, middle - 1, least) + upper) / 2;
  }

  #ofRank(values: Float32Array, bits: Int32Array, rank: number, least: number): number {
    let bin = least;
    let before = 0;
    while (before + this.#counts[bin]! <= rank) before += this.#counts[bin++]!;
    if (this.#near.length < this.#counts[bin]!) this.#near = new Float32Array(this.#counts[bin]! * 2);
    const near = this.#near;
    let count = 0;
    for (let i = 0; i < bits.length; i++) if (bits[i]! >>> coarseShift === bin) near[count++] = values[i]!;
    return select(near, count, rank - before);
  }
}
