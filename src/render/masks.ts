import type { Instances } from '../core/result.js';
import type { RectPx } from '../core/spans.js';
import type { Rgb } from './palette.js';

/** Shares of 256 of the mask's colour in the tinted area and on its outline. */
export const tintWeight = 112;
export const outlineWeight = 232;

/** A picture of packed RGBA rows. */
export interface RgbaPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [heightPx * widthPx * 4] */
  readonly rgba: Uint8Array;
}

/**
 * Tints the masks of a frame on a picture of another size and draws their outlines inward.
 *
 * A pixel of the picture is tinted where the source pixel under its centre belongs to the mask. Scratch memory is
 * kept between calls.
 */
export class MaskPainter {
  #inside = new Uint8Array(0);

  /**
   * @param sourceWidthPx Size of the frame the spans belong to.
   * @param colours One for each instance.
   * @param outlinePx Width of the outline; 0 draws none.
   */
  paint(
    picture: RgbaPicture,
    instances: Instances,
    sourceWidthPx: number,
    sourceHeightPx: number,
    colours: readonly Rgb[],
    outlinePx: number,
  ): void {
    // The worst instance goes first, so that the best one lies on top.
    for (let index = instances.count - 1; index >= 0; index--) {
      this.#paintOne(picture, instances, index, sourceWidthPx, sourceHeightPx, colours[index]!, outlinePx);
    }
  }

  #paintOne(
    picture: RgbaPicture,
    { spans, spanStarts }: Instances,
    index: number,
    sourceWidthPx: number,
    sourceHeightPx: number,
    colour: Rgb,
    outlinePx: number,
  ): void {
    const { widthPx, heightPx } = picture;
    const end = spanStarts[index + 1]! * 3;
    let at = spanStarts[index]! * 3;
    if (at === end) return;
    const scaleX = widthPx / sourceWidthPx;
    const rowsPerPx = sourceHeightPx / heightPx;
    const firstY = Math.max(0, Math.floor(spans[at]! / rowsPerPx));
    const lastY = Math.min(heightPx - 1, Math.ceil((spans[end - 3]! + 1) / rowsPerPx));
    // A margin of one pixel all around spares the outline its border cases.
    const pitch = widthPx + 2;
    const rows = lastY - firstY + 3;
    if (this.#inside.length < pitch * rows) this.#inside = new Uint8Array(pitch * (heightPx + 2));
    const inside = this.#inside;
    inside.fill(0, 0, pitch * rows);
    let left = widthPx;
    let right = 0;
    for (let y = firstY; y <= lastY; y++) {
      const sourceY = Math.floor((y + 0.5) * rowsPerPx);
      while (at < end && spans[at]! < sourceY) at += 3;
      const row = (y - firstY + 1) * pitch + 1;
      for (let span = at; span < end && spans[span] === sourceY; span += 3) {
        const x1 = Math.ceil(spans[span + 1]! * scaleX - 0.5);
        const x2 = Math.ceil(spans[span + 2]! * scaleX - 0.5);
        inside.fill(1, row + x1, row + x2);
        left = Math.min(left, x1);
        right = Math.max(right, x2);
      }
    }
    this.#erode(pitch, rows, outlinePx);
    const area = { xPx: left, yPx: firstY, widthPx: right - left, heightPx: lastY - firstY + 1 };
    this.#blend(picture, area, pitch, colour, outlinePx + 1);
  }

  /** Marks pixels that are at least `outlinePx` from the edge with outlinePx + 1; the outline keeps less. */
  #erode(pitch: number, rows: number, outlinePx: number): void {
    const inside = this.#inside;
    for (let depth = 1; depth <= outlinePx; depth++) {
      for (let at = pitch + 1; at < pitch * (rows - 1) - 1; at++) {
        if (
          inside[at]! >= depth &&
          inside[at - 1]! >= depth &&
          inside[at + 1]! >= depth &&
          inside[at - pitch]! >= depth &&
          inside[at + pitch]! >= depth
        ) {
          inside[at] = depth + 1;
        }
      }
    }
  }

  #blend(
    { rgba, widthPx }: RgbaPicture,
    area: RectPx,
    pitch: number,
    [red, green, blue]: Rgb,
    innermost: number,
  ): void {
    const inside = this.#inside;
    for (let row = 0; row < area.heightPx; row++) {
      let from = (row + 1) * pitch + 1 + area.xPx;
      let to = ((area.yPx + row) * widthPx + area.xPx) * 4;
      for (let column = 0; column < area.widthPx; column++, from++, to += 4) {
        const depth = inside[from]!;
        if (depth === 0) continue;
        const weight = depth < innermost ? outlineWeight : tintWeight;
        const keep = 256 - weight;
        rgba[to] = (rgba[to]! * keep + red * weight + 128) >> 8;
        rgba[to + 1] = (rgba[to + 1]! * keep + green * weight + 128) >> 8;
        rgba[to + 2] = (rgba[to + 2]! * keep + blue * weight + 128) >> 8;
      }
    }
  }
}
