/** Row spans of masks in one growing array, as `Instances` documents them. */
export class SpanWriter {
  #spans = new Uint16Array(1 << 14);
  #length = 0;

  /** Spans written so far. */
  get count(): number {
    return this.#length / 3;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Makes room for `count` more spans. */
  reserve(count: number): void {
    const needed = this.#length + count * 3;
    if (needed <= this.#spans.length) return;
    const grown = new Uint16Array(Math.max(needed, this.#spans.length * 2));
    grown.set(this.#spans.subarray(0, this.#length));
    this.#spans = grown;
  }

  /** Adds a span for which `reserve` has made room. */
  add(yPx: number, x1Px: number, x2Px: number): void {
    this.#spans[this.#length] = yPx;
    this.#spans[this.#length + 1] = x1Px;
    this.#spans[this.#length + 2] = x2Px;
    this.#length += 3;
  }

  /** A copy of what was written, in memory of its own. */
  copySpans(): Uint16Array<ArrayBuffer> {
    return this.#spans.slice(0, this.#length);
  }
}
