import type { CandidateSource } from './candidateSource.js';
import { ClassPairs } from './classPairs.js';
import { type CellScores, makeCellScores } from './gridScan.js';
import { TopCandidates } from './topCandidates.js';

/** The candidates of one run, to be read best first: pairs of a cell and a class. */
export interface CandidateList {
  /** How many candidates there may be once they are ranked. */
  readonly capacity: number;
  /** Takes what scores above the threshold in classes marked 1 in `allowed`; returns how many candidates that are. */
  list(source: CandidateSource, scoreThreshold: number, allowed: Uint8Array): number;
  /** Orders them; returns how many were kept. */
  rank(): number;
  cellAt(rank: number): number;
  classAt(rank: number): number;
  /** Raw score, as the source has it. */
  scoreAt(rank: number): number;
}

/** Cells with their best class: what the node reports. */
export class BestClassList implements CandidateList {
  readonly capacity: number;
  readonly #cellScores: CellScores;
  readonly #top: TopCandidates;
  #count = 0;

  constructor(cellCount: number, maxCandidates: number) {
    this.capacity = Math.max(1, Math.min(maxCandidates, cellCount));
    this.#cellScores = makeCellScores(cellCount);
    this.#top = new TopCandidates(cellCount, this.capacity);
  }

  /** A cell whose best class is not allowed is left out, whatever its other classes score. */
  list(source: CandidateSource, scoreThreshold: number, allowed: Uint8Array): number {
    const listed = source.scan(scoreThreshold, this.#cellScores);
    const { cells, classId } = this.#cellScores;
    let left = 0;
    for (let index = 0; index < listed; index++) {
      if (allowed[classId[cells[index]]] === 1) cells[left++] = cells[index];
    }
    this.#count = left;
    return left;
  }

  rank(): number {
    return this.#top.rank(this.#cellScores.cells, this.#cellScores.score, this.#count);
  }

  cellAt(rank: number): number {
    return this.#top.numberAt(rank);
  }

  classAt(rank: number): number {
    return this.#cellScores.classId[this.#top.numberAt(rank)];
  }

  scoreAt(rank: number): number {
    return this.#cellScores.score[this.#top.numberAt(rank)];
  }
}

/** As many as other evaluations let into their suppression. */
const mostPairs = 30_000;

/** Every class of every cell: what evaluations count. Memory is taken as it is needed. */
export class EveryClassList implements CandidateList {
  readonly capacity = mostPairs;
  readonly #pairs = new ClassPairs();
  #numbers = new Uint32Array(0);
  #top = new TopCandidates(0, 0);

  list(source: CandidateSource, scoreThreshold: number, allowed: Uint8Array): number {
    this.#pairs.count = 0;
    source.scanEveryClass(scoreThreshold, allowed, this.#pairs);
    return this.#pairs.count;
  }

  rank(): number {
    const { count, scores } = this.#pairs;
    if (this.#numbers.length < count) {
      this.#numbers = Uint32Array.from(scores.keys());
      this.#top = new TopCandidates(scores.length, mostPairs);
    }
    return this.#top.rank(this.#numbers, scores, count);
  }

  cellAt(rank: number): number {
    return this.#pairs.cells[this.#top.numberAt(rank)];
  }

  classAt(rank: number): number {
    return this.#pairs.classIds[this.#top.numberAt(rank)];
  }

  scoreAt(rank: number): number {
    return this.#pairs.scores[this.#top.numberAt(rank)];
  }
}
