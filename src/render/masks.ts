import type { Box } from '../core/geometry.js';
import type { Instances } from '../core/result.js';
import { boxOf, type RectPx } from '../core/spans.js';
import type { Rgb } from './palette.js';
import type { RgbaPicture } from './picture.js';

/** Shares of 256 of the mask's colour in the tinted area and on its outline. */
export const tintWeight = 112;
export const outlineWeight = 232;

/** The pixels of the picture that a box in source pixels may touch. */
function scaledArea(box: Box, { widthPx, heightPx }: RgbaPicture, scaleX: number, scaleY: number): RectPx {
  const xPx = Math.max(0, Math.floor(box.x1 * scaleX) - 1);
  const yPx = Math.max(0, Math.floor(box.y1 * scaleY) - 1);
  const right = Math.min(widthPx, Math.ceil(box.x2 * scaleX) + 1);
  const bottom = Math.min(heightPx, Math.ceil(box.y2 * scaleY) + 1);
  return { xPx, yPx, widthPx: Math.max(0, right - xPx), heightPx: Math.max(0, bottom - yPx) };
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
    instances: Instances,
    index: number,
    sourceWidthPx: number,
    sourceHeightPx: number,
    colour: Rgb,
    outlinePx: number,
  ): void {
    const { spans, spanStarts } = instances;
    const end = spanStarts[index + 1]! * 3;
    let at = spanStarts[index]! * 3;
    if (at === end) return;
    const scaleX = picture.widthPx / sourceWidthPx;
    const rowsPerPx = sourceHeightPx / picture.heightPx;
    const area = scaledArea(boxOf(instances, index), picture, scaleX, 1 / rowsPerPx);
    // A margin of one pixel all around spares the outline its border cases.
    const pitch = area.widthPx + 2;
    const needed = pitch * (area.heightPx + 2);
    if (this.#inside.length < needed) this.#inside = new Uint8Array(needed * 2);
    const inside = this.#inside;
    inside.fill(0, 0, needed);
    for (let row = 0; row < area.heightPx; row++) {
      const sourceY = Math.floor((area.yPx + row + 0.5) * rowsPerPx);
      while (at < end && spans[at]! < sourceY) at += 3;
      const start = (row + 1) * pitch + 1 - area.xPx;
      for (let span = at; span < end && spans[span] === sourceY; span += 3) {
        const x1 = Math.ceil(spans[span + 1]! * scaleX - 0.5);
        const x2 = Math.ceil(spans[span + 2]! * scaleX - 0.5);
        inside.fill(1, start + x1, start + x2);
      }
    }
    this.#erode(pitch, area.heightPx + 2, outlinePx);
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
      let from = (row + 1) * pitch + 1;
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
