import { columnsToSpans } from './cocoRle.js';

/**
 * Polygons as COCO's tools fill them, pixel for pixel: the outline is walked on a grid five times as fine as the
 * pixels, and a pixel column is entered or left where the walk crosses its middle.
 */

const finePerPixel = 5;
/** The fine column in the middle of a pixel. */
const middle = (finePerPixel - 1) / 2;

/** Farther outside of a picture than any annotation is drawn. */
export const farthestPx = 100_000;

/** The fine grid of a coordinate; rounds towards zero as COCO's tools do. */
function toFine(px: number): number {
  return Math.trunc(finePerPixel * px + 0.5);
}

/** Fine x, y of each corner, and of the next. */
function* edgesOf(polygon: readonly number[]): Generator<readonly [number, number, number, number]> {
  const corners = polygon.length / 2;
  const x = (corner: number) => toFine(polygon[(corner % corners) * 2]!);
  const y = (corner: number) => toFine(polygon[(corner % corners) * 2 + 1]!);
  for (let corner = 0; corner < corners; corner++) yield [x(corner), y(corner), x(corner + 1), y(corner + 1)];
}

/** How far a walk along the outline goes, counted along the longer axis of each edge: what COCO's own tools do step by step. */
export function outlineLengthPx(polygon: readonly number[]): number {
  let fine = 0;
  for (const [x1, y1, x2, y2] of edgesOf(polygon)) fine += Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1));
  return fine / finePerPixel;
}

/**
 * Tells the fine row at which a walk along an edge crosses the middle of each pixel column of the picture: the lesser of the
 * two beside it. Columns that the edge does not cross are not looked at, however far it goes.
 */
function walkEdge(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  widthPx: number,
  tell: (columnPx: number, fineRow: number) => void,
): void {
  const isFlat = Math.abs(x2 - x1) >= Math.abs(y2 - y1);
  const steps = isFlat ? Math.abs(x2 - x1) : Math.abs(y2 - y1);
  // The lower end of the longer axis is where the slope is taken from, whichever way the outline runs.
  const [fromX, fromY, toX, toY] = (isFlat ? x1 > x2 : y1 > y2) ? [x2, y2, x1, y1] : [x1, y1, x2, y2];
  const slope = (isFlat ? toY - fromY : toX - fromX) / steps;
  const across = (step: number) => Math.trunc((isFlat ? fromY : fromX) + slope * step + 0.5);
  const [leastX, mostX] = fromX < toX ? [fromX, toX] : [toX, fromX];
  const first = Math.max(0, Math.ceil((leastX - middle) / finePerPixel));
  const last = Math.min(widthPx - 1, Math.ceil((mostX - middle) / finePerPixel) - 1);
  for (let columnPx = first; columnPx <= last; columnPx++) {
    // It is crossed between this fine column and the one before.
    const fineX = columnPx * finePerPixel + middle + 1;
    if (isFlat) {
      tell(columnPx, Math.min(across(fineX - fromX - 1), across(fineX - fromX)));
      continue;
    }
    const hasCrossed = (step: number) => across(step) >= fineX === slope > 0;
    // Exact but for its rounding.
    let step = Math.ceil((fineX - 0.5 - fromX) / slope);
    while (hasCrossed(step - 1)) step--;
    while (!hasCrossed(step)) step++;
    tell(columnPx, fromY + step - 1);
  }
}

/**
 * Where a walk through the pixels, column by column from the top, enters or leaves the polygon, in order.
 *
 * @param polygon x, y of each corner in pixels.
 */
function crossings(polygon: readonly number[], widthPx: number, heightPx: number): Float64Array {
  const found: number[] = [];
  const tell = (columnPx: number, fineRow: number) => {
    const rowPx = Math.ceil((fineRow - middle) / finePerPixel);
    found.push(columnPx * heightPx + Math.min(Math.max(rowPx, 0), heightPx));
  };
  for (const edge of edgesOf(polygon)) walkEdge(edge, widthPx, tell);
  return Float64Array.from(found).sort();
}

/**
 * The union of polygons as row spans (yPx, x1Px, x2Px), sorted by y then x, like those of `Instances`.
 *
 * @param polygons x, y of each corner in pixels, three corners or more, none farther out than `farthestPx`.
 */
export function polygonsToSpans(
  polygons: readonly (readonly number[])[],
  widthPx: number,
  heightPx: number,
): Uint16Array {
  const inside = new Uint8Array(widthPx * heightPx);
  const starts: number[] = [];
  const ends: number[] = [];
  for (const polygon of polygons) {
    const at = crossings(polygon, widthPx, heightPx);
    for (let index = 0; index < at.length; index += 2) {
      starts.push(at[index]!);
      ends.push(at[index + 1]!);
    }
  }
  // Sorted apart they pair otherwise and have the same union, of which each pixel is filled once, however many polygons there are.
  const [from, to] = [Float64Array.from(starts).sort(), Float64Array.from(ends).sort()];
  let filled = 0;
  for (let index = 0; index < from.length; index++) {
    filled = Math.max(filled, from[index]!);
    if (to[index]! > filled) inside.fill(1, filled, to[index]);
    filled = Math.max(filled, to[index]!);
  }
  return columnsToSpans(inside, heightPx);
}
