import type { Contours } from '../core/result.js';
import { RingSimplifier, signedRingAreaTwice } from './simplify.js';

/** Closed rings of points in growing arrays, as `Contours` documents them. */
export class ContourWriter {
  #points = new Float32Array(1 << 12);
  #ringStarts = new Uint32Array(64);
  readonly #simplifier = new RingSimplifier();
  #pointCount = 0;
  #ringCount = 0;
  #tolerancePx = 0;

  /** Rings finished so far. */
  get ringCount(): number {
    return this.#ringCount;
  }

  /** Starts anew, with this tolerance for every ring. */
  begin(tolerancePx: number): void {
    this.#pointCount = 0;
    this.#ringCount = 0;
    this.#tolerancePx = tolerancePx;
  }

  /** Adds a point to the ring at hand, unless it is its last point again. */
  addPoint(xPx: number, yPx: number): void {
    const at = this.#pointCount * 2;
    if (at === this.#points.length) this.#points = grown(this.#points, Float32Array);
    const points = this.#points;
    points[at] = xPx;
    points[at + 1] = yPx;
    const isRepeated =
      this.#pointCount > this.#ringStarts[this.#ringCount] &&
      points[at] === points[at - 2] &&
      points[at + 1] === points[at - 1];
    if (!isRepeated) this.#pointCount++;
  }

  /** Simplifies and finishes the ring at hand; drops it if it is too small. */
  closeRing(): void {
    const points = this.#points;
    const first = this.#ringStarts[this.#ringCount];
    let count = this.#pointCount - first;
    const last = this.#pointCount - 1;
    if (
      count > 1 &&
      points[last * 2] === points[first * 2] &&
      points[last * 2 + 1] === points[first * 2 + 1]
    ) {
      count--;
    }
    const tolerancePx = this.#tolerancePx;
    const areaPx = Math.abs(signedRingAreaTwice(points, first, count)) / 2;
    if (areaPx === 0 || areaPx < tolerancePx * tolerancePx) {
      this.#pointCount = first;
      return;
    }
    if (tolerancePx > 0) count = this.#simplifier.simplify(points, first, count, tolerancePx);
    this.#pointCount = first + count;
    this.#ringCount++;
    if (this.#ringCount === this.#ringStarts.length) this.#ringStarts = grown(this.#ringStarts, Uint32Array);
    this.#ringStarts[this.#ringCount] = this.#pointCount;
  }

  /** A copy of what was written, in memory of its own. */
  copyContours(instanceStarts: Uint32Array): Contours {
    return {
      points: this.#points.slice(0, this.#pointCount * 2),
      ringStarts: this.#ringStarts.slice(0, this.#ringCount + 1),
      instanceStarts,
    };
  }
}

function grown<Kind extends Float32Array | Uint32Array>(
  array: Kind,
  kind: new (length: number) => Kind,
): Kind {
  const larger = new kind(array.length * 2);
  larger.set(array);
  return larger;
}
