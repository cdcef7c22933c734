import type { RectPx } from '../core/spans.js';
import type { Rgb } from './palette.js';

/** A picture of packed RGBA rows. */
export interface RgbaPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [heightPx * widthPx * 4] */
  readonly rgba: Uint8Array;
}

/** Covers a rectangle with a colour; `weight` of 256 is opaque. Clipped to the picture. */
export function fillRect(picture: RgbaPicture, rect: RectPx, [red, green, blue]: Rgb, weight = 256): void {
  const { widthPx, heightPx, rgba } = picture;
  const x1 = Math.max(0, rect.xPx);
  const x2 = Math.min(widthPx, rect.xPx + rect.widthPx);
  const y2 = Math.min(heightPx, rect.yPx + rect.heightPx);
  const keep = 256 - weight;
  for (let y = Math.max(0, rect.yPx); y < y2; y++) {
    const end = (y * widthPx + x2) * 4;
    for (let at = (y * widthPx + x1) * 4; at < end; at += 4) {
      rgba[at] = (rgba[at]! * keep + red * weight + 128) >> 8;
      rgba[at + 1] = (rgba[at + 1]! * keep + green * weight + 128) >> 8;
      rgba[at + 2] = (rgba[at + 2]! * keep + blue * weight + 128) >> 8;
    }
  }
}

/** Draws the border of a rectangle inward, `linePx` wide. */
export function strokeRect(picture: RgbaPicture, rect: RectPx, colour: Rgb, linePx: number): void {
  const { xPx, yPx, widthPx, heightPx } = rect;
  const across = Math.min(linePx, widthPx);
  const down = Math.min(linePx, heightPx);
  fillRect(picture, { xPx, yPx, widthPx, heightPx: down }, colour);
  fillRect(picture, { xPx, yPx: yPx + heightPx - down, widthPx, heightPx: down }, colour);
  fillRect(picture, { xPx, yPx, widthPx: across, heightPx }, colour);
  fillRect(picture, { xPx: xPx + widthPx - across, yPx, widthPx: across, heightPx }, colour);
}
