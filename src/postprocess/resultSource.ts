import type { TensorView } from '../core/tensor.js';
import type { ResultHeads } from '../model/resultHeads.js';
import { boxValues, resultRow } from '../model/rowLayout.js';
import type { CandidateSource } from './candidateSource.js';
import type { ClassPairs } from './classPairs.js';
import type { CellScores } from './gridScan.js';
import { RowReader } from './rowReader.js';

/** Candidates from rows of finished results: boxes by their corners, probability, class, coefficients. */
export class ResultSource implements CandidateSource {
  readonly #heads: ResultHeads;
  readonly #rows: RowReader;

  constructor(heads: ResultHeads) {
    this.#heads = heads;
    this.#rows = new RowReader(heads.rows, resultRow.firstCoef + heads.coefCount);
  }

  bind(tensors: readonly TensorView[]): void {
    this.#rows.bind(tensors);
  }

  scan(scoreThreshold: number, { cells, score, classId }: CellScores): number {
    let count = 0;
    for (let row = 0; row < this.#heads.cellCount; row++) {
      const id = this.#classAbove(scoreThreshold, row);
      if (id === null) continue;
      score[row] = this.#rows.valueAt(row, resultRow.prob);
      classId[row] = id;
      cells[count++] = row;
    }
    return count;
  }

  /** A row holds one class alone: the others were left out inside the model. */
  scanEveryClass(scoreThreshold: number, allowed: Uint8Array, pairs: ClassPairs): void {
    for (let row = 0; row < this.#heads.cellCount; row++) {
      const id = this.#classAbove(scoreThreshold, row);
      if (id !== null && allowed[id] === 1) pairs.add(row, id, this.#rows.valueAt(row, resultRow.prob));
    }
  }

  /** Leaves out rows of a class that the model does not have, which would be reported under a wrong name. */
  #classAbove(scoreThreshold: number, row: number): number | null {
    const prob = this.#rows.valueAt(row, resultRow.prob);
    if (!(prob > scoreThreshold) || prob === Number.POSITIVE_INFINITY) return null;
    const id = this.#rows.valueAt(row, resultRow.classId);
    return id >= 0 && id < this.#heads.classCount && Number.isInteger(id) ? id : null;
  }

  readBox(row: number, boxModel: Float64Array): void {
    this.#rows.readInto(boxModel, row, 0, boxValues);
  }

  readCoefs(row: number, coefs: Float64Array): void {
    this.#rows.readInto(coefs, row, resultRow.firstCoef, this.#heads.coefCount);
  }

  probOf(score: number): number {
    return Math.min(score, 1);
  }
}
