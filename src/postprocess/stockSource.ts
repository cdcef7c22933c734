import type { TensorView } from '../core/tensor.js';
import type { StockHeads } from '../model/stockHeads.js';
import type { CandidateSource } from './candidateSource.js';
import { type ChannelScales, channelScales } from './dequantise.js';
import { type CellScores, type ScoreGrid, scanGrid } from './gridScan.js';

/** Candidates from the rows of a stock export: decoded boxes, probabilities, coefficients. */
export class StockSource implements CandidateSource {
  readonly #heads: StockHeads;
  readonly #scales: ChannelScales;
  readonly #scores: ScoreGrid;
  #tensors: readonly TensorView[] = [];

  constructor(heads: StockHeads) {
    this.#heads = heads;
    const { classCount, coefCount, cellCount, rows } = heads;
    this.#scales = channelScales(rows.spec, 4 + classCount + coefCount);
    this.#scores = {
      startElem: 4 * rows.featureElems,
      heightCells: 1,
      widthCells: cellCount,
      channels: classCount,
      rowElems: cellCount * rows.cellElems,
      cellElems: rows.cellElems,
      channelElems: rows.featureElems,
      firstCell: 0,
      scales: {
        scales: this.#scales.scales.subarray(4, 4 + classCount),
        zeroPoints: this.#scales.zeroPoints.subarray(4, 4 + classCount),
      },
    };
  }

  bind(tensors: readonly TensorView[]): void {
    this.#tensors = tensors;
  }

  scan(scoreThreshold: number, cellScores: CellScores): number {
    const data = this.#tensors[this.#heads.rows.outputIndex].data;
    return scanGrid(data, this.#scores, scoreThreshold, cellScores, 0);
  }

  readBox(cell: number, boxModel: Float64Array): void {
    const centreX = this.#feature(cell, 0);
    const centreY = this.#feature(cell, 1);
    const halfWidth = this.#feature(cell, 2) / 2;
    const halfHeight = this.#feature(cell, 3) / 2;
    boxModel[0] = centreX - halfWidth;
    boxModel[1] = centreY - halfHeight;
    boxModel[2] = centreX + halfWidth;
    boxModel[3] = centreY + halfHeight;
  }

  readCoefs(cell: number, coefs: Float64Array): void {
    const first = 4 + this.#heads.classCount;
    for (let index = 0; index < this.#heads.coefCount; index++) {
      coefs[index] = this.#feature(cell, first + index);
    }
  }

  probOf(score: number): number {
    return Math.min(score, 1);
  }

  #feature(cell: number, feature: number): number {
    const { outputIndex, cellElems, featureElems } = this.#heads.rows;
    const value = this.#tensors[outputIndex].data[cell * cellElems + feature * featureElems];
    return (value - this.#scales.zeroPoints[feature]) * this.#scales.scales[feature];
  }
}
