import type { SizePx } from '../core/geometry.js';
import type { Instances } from '../core/result.js';
import type { RectPx } from '../core/spans.js';
import { type DepthAlignment, firstDepthPixel } from './alignment.js';

/** The mask of one instance at a time on the pixels of a depth picture; keeps its scratch memory. */
export class DepthMask {
  /** [rect.heightPx, rect.widthPx] 1 inside and 0 outside. */
  inside = new Uint8Array(0);
  /** The part of the depth picture that the mask lies in; empty where it has no pixel there. */
  rect: RectPx = { xPx: 0, yPx: 0, widthPx: 0, heightPx: 0 };
  #run = new Uint16Array(0);

  /**
   * Takes the mask of instance `index`: a depth pixel is inside where the source pixel under its centre is.
   *
   * @param picture Size of the depth picture.
   * @returns How many pixels are inside.
   */
  take(instances: Instances, index: number, alignment: DepthAlignment, picture: SizePx): number {
    const { x, y } = alignment;
    const { spans, spanStarts } = instances;
    const first = spanStarts[index]! * 3;
    const end = spanStarts[index + 1]! * 3;
    let x1 = 0xffff;
    let x2 = 0;
    for (let at = first; at < end; at += 3) {
      if (spans[at + 1]! < x1) x1 = spans[at + 1]!;
      if (spans[at + 2]! > x2) x2 = spans[at + 2]!;
    }
    const within = (px: number, mostPx: number) => Math.min(mostPx, Math.max(0, px));
    const left = within(firstDepthPixel(x, x1), picture.widthPx);
    const right = within(firstDepthPixel(x, x2), picture.widthPx);
    const top = first === end ? 0 : within(firstDepthPixel(y, spans[first]!), picture.heightPx);
    const bottom = first === end ? 0 : within(firstDepthPixel(y, spans[end - 3]! + 1), picture.heightPx);
    const widthPx = Math.max(0, right - left);
    const heightPx = widthPx === 0 ? 0 : Math.max(0, bottom - top);
    this.rect = { xPx: left, yPx: top, widthPx, heightPx };
    if (this.inside.length < widthPx * heightPx) this.inside = new Uint8Array(widthPx * heightPx);
    else this.inside.fill(0, 0, widthPx * heightPx);
    let areaPx = 0;
    for (let at = first; at < end; at += 3) {
      const from = Math.max(firstDepthPixel(x, spans[at + 1]!) - left, 0);
      const to = Math.min(firstDepthPixel(x, spans[at + 2]!) - left, widthPx);
      if (to <= from) continue;
      const rowEnd = Math.min(firstDepthPixel(y, spans[at]! + 1), bottom);
      for (let row = Math.max(firstDepthPixel(y, spans[at]!), top); row < rowEnd; row++) {
        const start = (row - top) * widthPx;
        this.inside.fill(1, start + from, start + to);
        areaPx += to - from;
      }
    }
    return areaPx;
  }

  /**
   * Leaves those pixels inside whose neighbours, up to `radiusPx` away in both directions, are all inside: a square of
   * 2 * radiusPx + 1 pixels fits. Beyond the edge of the depth picture everything counts as inside.
   *
   * @param radiusPx At least 1.
   * @returns How many pixels are left.
   */
  erode(radiusPx: number, picture: SizePx): number {
    this.#erodeRows(radiusPx, picture);
    return this.#erodeColumns(radiusPx, picture);
  }

  #erodeRows(radiusPx: number, picture: SizePx): void {
    const { inside } = this;
    const { xPx, widthPx, heightPx } = this.rect;
    const reachesLeft = xPx === 0;
    const reachesRight = xPx + widthPx === picture.widthPx;
    for (let row = 0; row < heightPx; row++) {
      const start = row * widthPx;
      let from = -1;
      for (let column = 0; column <= widthPx; column++) {
        const isInside = column < widthPx && inside[start + column] === 1;
        if (isInside) {
          if (from < 0) from = column;
          continue;
        }
        if (from < 0) continue;
        const keepFrom = from === 0 && reachesLeft ? 0 : from + radiusPx;
        const keepTo = column === widthPx && reachesRight ? column : column - radiusPx;
        inside.fill(0, start + from, start + Math.min(keepFrom, column));
        if (keepTo > keepFrom) inside.fill(0, start + keepTo, start + column);
        else inside.fill(0, start + from, start + column);
        from = -1;
      }
    }
  }

  /** Counts, down each column, the rows in a row that are inside: row v stays when the 2 * radius + 1 around it are. */
  #erodeColumns(radiusPx: number, picture: SizePx): number {
    const { inside } = this;
    const { yPx, widthPx, heightPx } = this.rect;
    if (this.#run.length < widthPx) this.#run = new Uint16Array(widthPx);
    const run = this.#run;
    const reachesTop = yPx === 0;
    const reachesBottom = yPx + heightPx === picture.heightPx;
    run.fill(reachesTop ? radiusPx : 0, 0, widthPx);
    const needed = 2 * radiusPx + 1;
    let areaPx = 0;
    for (let row = 0; row < heightPx + radiusPx; row++) {
      const isThere = row < heightPx;
      const at = row * widthPx;
      // Row `row - radiusPx` is decided now, and was read long before.
      const decidedAt = (row - radiusPx) * widthPx;
      for (let column = 0; column < widthPx; column++) {
        const isInside = isThere ? inside[at + column] === 1 : reachesBottom;
        const length = isInside ? run[column]! + 1 : 0;
        run[column] = length;
        if (decidedAt < 0) continue;
        const isKept = length >= needed ? 1 : 0;
        inside[decidedAt + column] = isKept;
        areaPx += isKept;
      }
    }
    return areaPx;
  }
}
