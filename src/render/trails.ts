import type { SizePx } from '../core/geometry.js';
import type { Trails } from '../core/tracks.js';
import type { Rgb } from './palette.js';
import { fillRect, type RgbaPicture } from './picture.js';

/** Opaque at the object, and fading to this share of 256 at its oldest point. */
const oldestWeight = 80;

/** Covers the pixels of a line that is `linePx` wide, from one point to another but for that one. */
function drawLine(
  picture: RgbaPicture,
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  colour: Rgb,
  linePx: number,
  weight: number,
): void {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)) / linePx));
  const corner = (centre: number) => Math.round(centre - linePx / 2);
  for (let step = 0; step < steps; step++) {
    const share = step / steps;
    const xPx = corner(x1 + share * (x2 - x1));
    const yPx = corner(y1 + share * (y2 - y1));
    fillRect(picture, { xPx, yPx, widthPx: linePx, heightPx: linePx }, colour, weight);
  }
}

/**
 * Draws where the tracks of a frame have been, on a picture of another size.
 *
 * @param source Size of the frame that the points belong to.
 * @param colours One for each instance.
 * @param boxLinePx Width of the lines of boxes; trails are twice as wide.
 */
export function drawTrails(
  picture: RgbaPicture,
  { points, starts }: Trails,
  source: SizePx,
  colours: readonly Rgb[],
  boxLinePx: number,
): void {
  const scaleX = picture.widthPx / source.widthPx;
  const scaleY = picture.heightPx / source.heightPx;
  const pointAt = (at: number) => [points[at * 2]! * scaleX, points[at * 2 + 1]! * scaleY] as const;
  colours.forEach((colour, i) => {
    const [first, end] = [starts[i]!, starts[i + 1]!];
    for (let at = first; at + 1 < end; at++) {
      const age = (end - 2 - at) / Math.max(1, end - first - 1);
      const weight = Math.round(256 - (256 - oldestWeight) * age);
      drawLine(picture, pointAt(at), pointAt(at + 1), colour, 2 * boxLinePx, weight);
    }
  });
}
