/** Numbers are packed into the low bits of a sort key; the score's 32 bits stand above them. */
const numberLimit = 2 ** 21;
const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** Most cells, or candidates, that a sort key can number. */
export const maxCells = numberLimit;

/**
 * Orders candidates by score (best first, float32 precision), equal scores by their number, and keeps the best.
 *
 * Score and number form one number together, so that sorting needs no comparison function.
 */
export class TopCandidates {
  readonly #keys: Float64Array;
  readonly #limit: number;
  #first = 0;

  constructor(capacity: number, limit: number) {
    this.#keys = new Float64Array(capacity);
    this.#limit = limit;
  }

  /** Takes `count` listed numbers, whose scores are indexed by number; returns how many were kept. */
  rank(numbers: Uint32Array, scores: Float64Array, count: number): number {
    for (let index = 0; index < count; index++) {
      const number = numbers[index];
      // Adding 0 turns -0 into 0, which must rank alike.
      float[0] = scores[number] + 0;
      const bits = floatBits[0];
      const rank = bits >= 0x80000000 ? 0xffffffff - bits : bits + 0x80000000;
      this.#keys[index] = rank * numberLimit + (numberLimit - 1 - number);
    }
    this.#keys.subarray(0, count).sort();
    this.#first = count - 1;
    return Math.min(count, this.#limit);
  }

  /** The number at `rank`, 0 is the best. */
  numberAt(rank: number): number {
    const key = this.#keys[this.#first - rank];
    return numberLimit - 1 - (key - Math.floor(key / numberLimit) * numberLimit);
  }
}
