import { BackendError } from '../core/errors.js';
import { maxCells } from './topCandidates.js';

const firstCapacity = 4096;

/** Pairs of a cell and a class with their raw score, in the order in which they were added; grows as needed. */
export class ClassPairs {
  cells = new Uint32Array(firstCapacity);
  classIds = new Uint16Array(firstCapacity);
  scores = new Float64Array(firstCapacity);
  count = 0;

  /** Throws BackendError `outputs` beyond 2^21 pairs, which no trained model gives. */
  add(cell: number, classId: number, score: number): void {
    if (this.count === this.scores.length) this.#grow();
    this.cells[this.count] = cell;
    this.classIds[this.count] = classId;
    this.scores[this.count++] = score;
  }

  #grow(): void {
    const capacity = this.count * 2;
    if (capacity > maxCells) {
      const what = `more than ${this.count} scores of classes are above the threshold: these are no scores of a trained model`;
      throw new BackendError('outputs', what, { count: this.count });
    }
    const { cells, classIds, scores } = this;
    this.cells = new Uint32Array(capacity);
    this.classIds = new Uint16Array(capacity);
    this.scores = new Float64Array(capacity);
    this.cells.set(cells);
    this.classIds.set(classIds);
    this.scores.set(scores);
  }
}
