/** Points of a trail, at most, and the seconds after which a point is forgotten. */
const mostPoints = 32;
const keptS = 2;

/** Where the centre of a track's box has been: as many points as were asked for, the last ones of them. */
export class Trail {
  readonly #points: { readonly xPx: number; readonly yPx: number; readonly atS: number }[] = [];

  /** Adds where the centre is now, in source pixels, and forgets what is old. */
  add(xPx: number, yPx: number, atS: number): void {
    this.#points.push({ xPx, yPx, atS });
    const isOld = () => this.#points.length > mostPoints || this.#points[0]!.atS < atS - keptS;
    while (isOld()) this.#points.shift();
  }

  get length(): number {
    return this.#points.length;
  }

  /** Writes x and y of each point in turn, oldest first, from item `at` on. */
  write(out: Float32Array, at: number): void {
    this.#points.forEach(({ xPx, yPx }, i) => {
      out[at + 2 * i] = xPx;
      out[at + 2 * i + 1] = yPx;
    });
  }
}
