import type { LetterboxGeometry } from '../core/geometry.js';
import type { PostprocessOptions } from '../core/result.js';
import { writeBoxImage } from './boxImage.js';
import type { CandidateList } from './candidateList.js';
import type { CandidateSource } from './candidateSource.js';
import { NonMaxSuppression } from './nms.js';

/** Chooses the candidates that are reported; all scratch memory is made at once. */
export class Selection {
  readonly list: CandidateList;
  /** [chosen * 4] x1, y1, x2, y2 in source pixels. */
  readonly boxesImage: Float32Array;
  /** [chosen] Rank of each in `list`. */
  readonly ranks: Uint32Array;
  readonly #kept: NonMaxSuppression;
  readonly #boxModel = new Float64Array(4);

  constructor(list: CandidateList) {
    this.list = list;
    this.boxesImage = new Float32Array(list.capacity * 4);
    this.ranks = new Uint32Array(list.capacity);
    this.#kept = new NonMaxSuppression(list.capacity);
  }

  /**
   * Best first: reads each box only when its turn comes and stops at `maxDetections`. Without suppression every box
   * above the score threshold is kept. Returns how many are chosen.
   */
  choose(
    source: CandidateSource,
    rankedCount: number,
    geometry: LetterboxGeometry,
    { iouThreshold, maxDetections, classAgnosticNms }: PostprocessOptions,
    suppresses: boolean,
  ): number {
    const boxModel = this.#boxModel;
    this.#kept.clear();
    let chosen = 0;
    for (let rank = 0; rank < rankedCount && chosen < maxDetections; rank++) {
      source.readBox(this.list.cellAt(rank), boxModel);
      if (!this.#writeBoxImage(geometry, chosen * 4)) continue;
      if (suppresses) {
        const classId = classAgnosticNms ? 0 : this.list.classAt(rank);
        if (this.#kept.isSuppressed(boxModel, classId, iouThreshold)) continue;
        this.#kept.keep(boxModel, classId);
      }
      this.ranks[chosen++] = rank;
    }
    return chosen;
  }

  /** False if there is no box to report: not finite, or wholly outside of the picture (in the letterbox border). */
  #writeBoxImage(geometry: LetterboxGeometry, at: number): boolean {
    const box = this.#boxModel;
    const boxes = this.boxesImage;
    writeBoxImage(box, geometry, boxes, at);
    const extentPx = box[2] - box[0] + (box[3] - box[1]);
    return boxes[at + 2] > boxes[at] && boxes[at + 3] > boxes[at + 1] && Number.isFinite(extentPx);
  }
}
