import type { TensorData, TensorView } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import type { RawHeads } from '../model/rawHeads.js';
import type { CandidateSource } from './candidateSource.js';
import type { ClassPairs } from './classPairs.js';
import { type ChannelScales, channelScales } from './dequantise.js';
import { expectedBin } from './dfl.js';
import { scanEveryClass } from './everyClassScan.js';
import { type CellScores, type ScoreGrid, scanGrid } from './gridScan.js';
import { logitOf, sigmoid } from './threshold.js';

interface Head {
  readonly grid: GridHead;
  readonly scales: ChannelScales;
}

interface Level {
  readonly downsample: number;
  readonly widthCells: number;
  readonly firstCell: number;
  readonly clsIndex: number;
  readonly scores: ScoreGrid;
  readonly box: Head;
  readonly coef: Head;
}

const headOf = (grid: GridHead): Head => ({ grid, scales: channelScales(grid.spec, grid.channels) });

/** Candidates from raw heads: class logits or probabilities, boxes as DFL distributions or distances, and coefficients per level. */
export class RawSource implements CandidateSource {
  readonly #levels: readonly Level[];
  readonly #holdsLogits: boolean;
  readonly #holdsDistances: boolean;
  readonly #regMax: number;
  readonly #bins: Float64Array;
  #tensors: readonly TensorView[] = [];

  constructor(heads: RawHeads) {
    this.#holdsLogits = heads.classScores === 'logits';
    this.#holdsDistances = heads.boxForm === 'distances';
    this.#regMax = heads.regMax;
    this.#bins = new Float64Array(heads.regMax);
    this.#levels = heads.levels.map(({ downsample, heightCells, widthCells, firstCell, cls, box, coef }) => ({
      downsample,
      widthCells,
      firstCell,
      clsIndex: cls.outputIndex,
      scores: {
        startElem: 0,
        heightCells,
        widthCells,
        channels: cls.channels,
        rowElems: cls.rowElems,
        cellElems: cls.cellElems,
        channelElems: cls.channelElems,
        firstCell,
        scales: headOf(cls).scales,
      },
      box: headOf(box),
      coef: headOf(coef),
    }));
  }

  bind(tensors: readonly TensorView[]): void {
    this.#tensors = tensors;
  }

  scan(scoreThreshold: number, cellScores: CellScores): number {
    const threshold = this.#rawThreshold(scoreThreshold);
    let count = 0;
    for (const level of this.#levels) {
      count = scanGrid(this.#tensors[level.clsIndex].data, level.scores, threshold, cellScores, count);
    }
    return count;
  }

  scanEveryClass(scoreThreshold: number, allowed: Uint8Array, pairs: ClassPairs): void {
    const threshold = this.#rawThreshold(scoreThreshold);
    for (const { clsIndex, scores } of this.#levels) {
      scanEveryClass(this.#tensors[clsIndex].data, scores, threshold, allowed, pairs);
    }
  }

  #rawThreshold(scoreThreshold: number): number {
    return this.#holdsLogits ? logitOf(scoreThreshold) : scoreThreshold;
  }

  readBox(cell: number, boxModel: Float64Array): void {
    const level = this.#levelOf(cell);
    const y = ((cell - level.firstCell) / level.widthCells) | 0;
    const x = cell - level.firstCell - y * level.widthCells;
    const { grid, scales } = level.box;
    const data = this.#tensors[grid.outputIndex].data;
    const at = y * grid.rowElems + x * grid.cellElems;
    // Distances in cells from the cell's centre: left, top, right, bottom.
    boxModel[0] = (x + 0.5 - this.#distance(data, at, grid, scales, 0)) * level.downsample;
    boxModel[1] = (y + 0.5 - this.#distance(data, at, grid, scales, 1)) * level.downsample;
    boxModel[2] = (x + 0.5 + this.#distance(data, at, grid, scales, 2)) * level.downsample;
    boxModel[3] = (y + 0.5 + this.#distance(data, at, grid, scales, 3)) * level.downsample;
  }

  #distance(data: TensorData, at: number, grid: GridHead, scales: ChannelScales, side: number): number {
    const step = grid.channelElems;
    if (this.#holdsDistances) {
      return (data[at + side * step] - scales.zeroPoints[side]) * scales.scales[side];
    }
    const first = side * this.#regMax;
    return expectedBin(data, at + first * step, step, this.#regMax, scales, first, this.#bins);
  }

  readCoefs(cell: number, coefs: Float64Array): void {
    const level = this.#levelOf(cell);
    const y = ((cell - level.firstCell) / level.widthCells) | 0;
    const x = cell - level.firstCell - y * level.widthCells;
    const { grid, scales } = level.coef;
    const data = this.#tensors[grid.outputIndex].data;
    const at = y * grid.rowElems + x * grid.cellElems;
    for (let channel = 0; channel < grid.channels; channel++) {
      const value = data[at + channel * grid.channelElems];
      coefs[channel] = (value - scales.zeroPoints[channel]) * scales.scales[channel];
    }
  }

  probOf(score: number): number {
    return this.#holdsLogits ? sigmoid(score) : Math.min(score, 1);
  }

  #levelOf(cell: number): Level {
    let index = this.#levels.length - 1;
    while (cell < this.#levels[index].firstCell) index--;
    return this.#levels[index];
  }
}
