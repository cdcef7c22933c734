import type { TensorView } from '../core/tensor.js';
import { type DecodedRow, decodedRowOf } from '../model/rowLayout.js';
import type { StockHeads } from '../model/stockHeads.js';
import type { CandidateSource } from './candidateSource.js';
import type { ClassPairs } from './classPairs.js';
import { scanEveryClass } from './everyClassScan.js';
import { type CellScores, type ScoreGrid, scanGrid } from './gridScan.js';
import { RowReader } from './rowReader.js';

/** Candidates from the rows of a stock export: decoded boxes, probabilities, coefficients. */
export class StockSource implements CandidateSource {
  readonly #coefCount: number;
  readonly #row: DecodedRow;
  readonly #rows: RowReader;
  readonly #scores: ScoreGrid;

  constructor(heads: StockHeads) {
    const { classCount, coefCount, cellCount, rows } = heads;
    this.#coefCount = coefCount;
    this.#row = decodedRowOf(classCount, coefCount);
    const { firstClass, firstCoef, valueCount } = this.#row;
    this.#rows = new RowReader(rows, valueCount);
    const { scales, zeroPoints } = this.#rows.scales;
    this.#scores = {
      startElem: firstClass * rows.featureElems,
      heightCells: 1,
      widthCells: cellCount,
      channels: classCount,
      rowElems: cellCount * rows.cellElems,
      cellElems: rows.cellElems,
      channelElems: rows.featureElems,
      firstCell: 0,
      scales: {
        scales: scales.subarray(firstClass, firstCoef),
        zeroPoints: zeroPoints.subarray(firstClass, firstCoef),
      },
    };
  }

  bind(tensors: readonly TensorView[]): void {
    this.#rows.bind(tensors);
  }

  scan(scoreThreshold: number, cellScores: CellScores): number {
    return scanGrid(this.#rows.data, this.#scores, scoreThreshold, cellScores, 0);
  }

  scanEveryClass(scoreThreshold: number, allowed: Uint8Array, pairs: ClassPairs): void {
    scanEveryClass(this.#rows.data, this.#scores, scoreThreshold, allowed, pairs);
  }

  readBox(cell: number, boxModel: Float64Array): void {
    const centreX = this.#rows.valueAt(cell, 0);
    const centreY = this.#rows.valueAt(cell, 1);
    const halfWidth = this.#rows.valueAt(cell, 2) / 2;
    const halfHeight = this.#rows.valueAt(cell, 3) / 2;
    boxModel[0] = centreX - halfWidth;
    boxModel[1] = centreY - halfHeight;
    boxModel[2] = centreX + halfWidth;
    boxModel[3] = centreY + halfHeight;
  }

  readCoefs(cell: number, coefs: Float64Array): void {
    this.#rows.readInto(coefs, cell, this.#row.firstCoef, this.#coefCount);
  }

  probOf(score: number): number {
    return Math.min(score, 1);
  }
}
