import type { CellScores } from './gridScan.js';

/** Cells are packed into the low bits of a sort key; the score's 32 bits stand above them. */
const cellLimit = 2 ** 21;
const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** Largest cell count that a sort key can hold. */
export const maxCells = cellLimit;

/**
 * Orders candidates by score (best first, float32 precision), equal scores by cell number, and keeps the best.
 *
 * Score and cell form one number each, so that sorting needs no comparison function.
 */
export class TopCandidates {
  readonly #keys: Float64Array;
  readonly #limit: number;
  #first = 0;

  constructor(cellCount: number, limit: number) {
    this.#keys = new Float64Array(cellCount);
    this.#limit = limit;
  }

  /** Takes the `count` listed cells; returns how many were kept. */
  rank(cellScores: CellScores, count: number): number {
    for (let index = 0; index < count; index++) {
      const cell = cellScores.cells[index];
      // Adding 0 turns -0 into 0, which must rank alike.
      float[0] = cellScores.score[cell] + 0;
      const bits = floatBits[0];
      const rank = bits >= 0x80000000 ? 0xffffffff - bits : bits + 0x80000000;
      this.#keys[index] = rank * cellLimit + (cellLimit - 1 - cell);
    }
    this.#keys.subarray(0, count).sort();
    this.#first = count - 1;
    return Math.min(count, this.#limit);
  }

  /** The cell at `rank`, 0 is the best. */
  cellAt(rank: number): number {
    const key = this.#keys[this.#first - rank];
    return cellLimit - 1 - (key - Math.floor(key / cellLimit) * cellLimit);
  }
}
