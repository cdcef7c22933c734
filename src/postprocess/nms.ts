/**
 * Boxes kept so far by greedy suppression, in model pixels.
 *
 * Candidates must come best first; each is asked for with `isSuppressed` and, if not, kept with `keep`. Boxes
 * that shall suppress each other across classes are given one class.
 */
export class NonMaxSuppression {
  readonly #boxes: Float64Array;
  readonly #areas: Float64Array;
  readonly #classIds: Int32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#boxes = new Float64Array(capacity * 4);
    this.#areas = new Float64Array(capacity);
    this.#classIds = new Int32Array(capacity);
  }

  clear(): void {
    this.#count = 0;
  }

  /** True if a kept box of this class has an IoU above `iouThreshold` with `boxModel`. */
  isSuppressed(boxModel: Float64Array, classId: number, iouThreshold: number): boolean {
    const x1 = boxModel[0];
    const y1 = boxModel[1];
    const x2 = boxModel[2];
    const y2 = boxModel[3];
    const areaHere = Math.max(x2 - x1, 0) * Math.max(y2 - y1, 0);
    const boxes = this.#boxes;
    for (let index = 0; index < this.#count; index++) {
      if (this.#classIds[index] !== classId) continue;
      const at = index * 4;
      const widthShared = Math.min(x2, boxes[at + 2]) - Math.max(x1, boxes[at]);
      if (!(widthShared > 0)) continue;
      const heightShared = Math.min(y2, boxes[at + 3]) - Math.max(y1, boxes[at + 1]);
      if (!(heightShared > 0)) continue;
      const shared = widthShared * heightShared;
      if (shared / Math.max(areaHere + this.#areas[index] - shared, 1e-12) > iouThreshold) return true;
    }
    return false;
  }

  keep(boxModel: Float64Array, classId: number): void {
    const index = this.#count++;
    this.#boxes.set(boxModel, index * 4);
    this.#areas[index] = Math.max(boxModel[2] - boxModel[0], 0) * Math.max(boxModel[3] - boxModel[1], 0);
    this.#classIds[index] = classId;
  }
}
