import { firstTargetPixel, sourcePixel, type SizePx } from '../core/geometry.js';
import type { Instances } from '../core/result.js';

/** A mask in picture pixels, row by row: disjoint column ranges [x1, x2), sorted. Keeps its memory when refilled. */
export class SpanRows {
  /** Picture row of row 0. */
  firstYPx = 0;
  rowCount = 0;
  /** [rowCount + 1] Row r owns the ranges from `starts[r]` to `starts[r + 1]`. */
  starts = new Uint32Array(64);
  /** [starts[rowCount] * 2] x1 and x2 of each range. */
  columns = new Int32Array(256);
  #count = 0;

  begin(firstYPx: number): void {
    this.firstYPx = firstYPx;
    this.rowCount = 0;
    this.#count = 0;
    this.starts[0] = 0;
  }

  /** Adds a range to the row at hand; one that touches the range before extends it. */
  push(x1: number, x2: number): void {
    const at = this.#count * 2;
    if (this.#count > this.starts[this.rowCount]! && this.columns[at - 1] === x1) {
      this.columns[at - 1] = x2;
      return;
    }
    if (at === this.columns.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.columns);
      this.columns = grown;
    }
    this.columns[at] = x1;
    this.columns[at + 1] = x2;
    this.#count++;
  }

  endRow(): void {
    this.rowCount++;
    if (this.rowCount === this.starts.length) {
      const grown = new Uint32Array(this.rowCount * 2);
      grown.set(this.starts);
      this.starts = grown;
    }
    this.starts[this.rowCount] = this.#count;
  }
}

/** Fills `rows` with the pixels of a picture whose centre lies over a mask pixel of instance `index`. */
export function scaleMask(
  { spans, spanStarts }: Instances,
  index: number,
  source: SizePx,
  picture: SizePx,
  rows: SpanRows,
): void {
  let at = spanStarts[index]! * 3;
  const end = spanStarts[index + 1]! * 3;
  const firstYPx = at === end ? 0 : firstTargetPixel(spans[at]!, source.heightPx, picture.heightPx);
  rows.begin(firstYPx);
  for (let y = firstYPx; at < end && y < picture.heightPx; y++) {
    const sourceY = sourcePixel(y, source.heightPx, picture.heightPx);
    while (at < end && spans[at]! < sourceY) at += 3;
    // Not consumed: an enlarged picture reads a source row more than once.
    for (let span = at; span < end && spans[span] === sourceY; span += 3) {
      const x1 = firstTargetPixel(spans[span + 1]!, source.widthPx, picture.widthPx);
      const x2 = firstTargetPixel(spans[span + 2]!, source.widthPx, picture.widthPx);
      if (x2 > x1) rows.push(x1, x2);
    }
    rows.endRow();
  }
}

/** Adds to `inner` what row `row`, shortened by a pixel on both sides, shares with the rows above and below. */
function erodeRow({ columns, starts }: SpanRows, row: number, inner: SpanRows): void {
  const aboveEnd = starts[row]!;
  const end = starts[row + 1]!;
  const belowEnd = starts[row + 2]!;
  let above = starts[row - 1]!;
  let below = end;
  for (let span = aboveEnd; span < end; span++) {
    const left = columns[span * 2]! + 1;
    const right = columns[span * 2 + 1]! - 1;
    if (left >= right) continue;
    while (above < aboveEnd && columns[above * 2 + 1]! <= left) above++;
    for (let a = above; a < aboveEnd && columns[a * 2]! < right; a++) {
      const x1 = Math.max(left, columns[a * 2]!);
      const x2 = Math.min(right, columns[a * 2 + 1]!);
      while (below < belowEnd && columns[below * 2 + 1]! <= x1) below++;
      for (let b = below; b < belowEnd && columns[b * 2]! < x2; b++) {
        inner.push(Math.max(x1, columns[b * 2]!), Math.min(x2, columns[b * 2 + 1]!));
      }
    }
  }
}

/** Fills `inner` with the pixels of `rows` whose four neighbours belong to `rows` too. */
export function erode(rows: SpanRows, inner: SpanRows): void {
  inner.begin(rows.firstYPx);
  for (let row = 0; row < rows.rowCount; row++) {
    if (row > 0 && row < rows.rowCount - 1) erodeRow(rows, row, inner);
    inner.endRow();
  }
}
