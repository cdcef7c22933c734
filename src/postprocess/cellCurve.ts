import type { ContourWriter } from './contourWriter.js';

/** Bisections of one cell's curve at most. */
const maxBisections = 6;

/** The zero level of the bilinear field in one cell of a lattice: a branch of a hyperbola. */
export class CellCurve {
  /** Of the cell's first corner, and its size, in pixels. */
  #xPx = 0;
  #yPx = 0;
  #widthPx = 0;
  #heightPx = 0;
  /** The field at (s, t), both 0 to 1 over the cell, is a constant + perS * s + perT * t + perST * s * t. */
  #perS = 0;
  #perT = 0;
  #perST = 0;

  place(xPx: number, yPx: number, widthPx: number, heightPx: number): void {
    this.#xPx = xPx;
    this.#yPx = yPx;
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
  }

  /** Values at the corners (s, t). */
  setField(at00: number, at10: number, at01: number, at11: number): void {
    this.#perS = at10 - at00;
    this.#perT = at01 - at00;
    this.#perST = at11 - at10 - at01 + at00;
  }

  /**
   * Adds the points between two ends of the curve on the cell's edges, in pixels, that keep the chain of points
   * within `flatnessPx` of it; none where the field is not finite.
   */
  addBetween(
    fromX: number,
    fromY: number,
    toX: number,
    toY: number,
    flatnessPx: number,
    contours: ContourWriter,
  ): void {
    if (this.#perST === 0) return;
    const s1 = (fromX - this.#xPx) / this.#widthPx;
    const t1 = (fromY - this.#yPx) / this.#heightPx;
    const s2 = (toX - this.#xPx) / this.#widthPx;
    const t2 = (toY - this.#yPx) / this.#heightPx;
    this.#bisect(s1, t1, s2, t2, flatnessPx, maxBisections, contours);
  }

  #bisect(
    s1: number,
    t1: number,
    s2: number,
    t2: number,
    flatnessPx: number,
    bisections: number,
    contours: ContourWriter,
  ): void {
    // Farthest off the chord is the point whose tangent is parallel to it: its distances from the asymptotes are the
    // geometric means of those of the ends. Written so that asymptotes may be far away, or on the ends themselves.
    const ratioS = Math.abs((this.#perT + this.#perST * s2) / (this.#perT + this.#perST * s1));
    const ratioT = Math.abs((this.#perS + this.#perST * t2) / (this.#perS + this.#perST * t1));
    const s = s1 + (s2 - s1) / (1 + Math.sqrt(ratioS));
    const t = t1 + (t2 - t1) / (1 + Math.sqrt(ratioT));
    const chordX = (s2 - s1) * this.#widthPx;
    const chordY = (t2 - t1) * this.#heightPx;
    const offX = (s - s1) * this.#widthPx;
    const offY = (t - t1) * this.#heightPx;
    const area = offX * chordY - offY * chordX;
    // Written so that NaN adds no point.
    const isBent = area * area > flatnessPx * flatnessPx * (chordX * chordX + chordY * chordY);
    if (!isBent) return;
    if (bisections > 1) this.#bisect(s1, t1, s, t, flatnessPx, bisections - 1, contours);
    contours.addPoint(this.#xPx + s * this.#widthPx, this.#yPx + t * this.#heightPx);
    if (bisections > 1) this.#bisect(s, t, s2, t2, flatnessPx, bisections - 1, contours);
  }
}
