import type { TensorView } from '../core/tensor.js';
import { type ResultHeads, resultValues } from '../model/resultHeads.js';
import type { CandidateSource } from './candidateSource.js';
import { type ChannelScales, channelScales } from './dequantise.js';
import type { CellScores } from './gridScan.js';

/** Candidates from rows of finished results: boxes by their corners, probability, class, coefficients. */
export class ResultSource implements CandidateSource {
  readonly #heads: ResultHeads;
  readonly #scales: ChannelScales;
  #tensors: readonly TensorView[] = [];

  constructor(heads: ResultHeads) {
    this.#heads = heads;
    this.#scales = channelScales(heads.rows.spec, resultValues + heads.coefCount);
  }

  bind(tensors: readonly TensorView[]): void {
    this.#tensors = tensors;
  }

  /** Leaves out rows of a class that the model does not have, which would be reported under a wrong name. */
  scan(scoreThreshold: number, { cells, score, classId }: CellScores): number {
    const { cellCount, classCount } = this.#heads;
    let count = 0;
    for (let row = 0; row < cellCount; row++) {
      const prob = this.#value(row, 4);
      if (!(prob > scoreThreshold) || prob === Number.POSITIVE_INFINITY) continue;
      const id = this.#value(row, 5);
      if (!(id >= 0 && id < classCount && Number.isInteger(id))) continue;
      score[row] = prob;
      classId[row] = id;
      cells[count++] = row;
    }
    return count;
  }

  readBox(row: number, boxModel: Float64Array): void {
    for (let side = 0; side < 4; side++) boxModel[side] = this.#value(row, side);
  }

  readCoefs(row: number, coefs: Float64Array): void {
    for (let index = 0; index < this.#heads.coefCount; index++) {
      coefs[index] = this.#value(row, resultValues + index);
    }
  }

  probOf(score: number): number {
    return Math.min(score, 1);
  }

  #value(row: number, at: number): number {
    const { outputIndex, cellElems, featureElems } = this.#heads.rows;
    const stored = this.#tensors[outputIndex].data[row * cellElems + at * featureElems];
    return (stored - this.#scales.zeroPoints[at]) * this.#scales.scales[at];
  }
}
