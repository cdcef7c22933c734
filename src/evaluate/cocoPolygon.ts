import { columnsToSpans } from './cocoRle.js';

/**
 * Polygons as COCO's tools fill them, pixel for pixel: the outline is walked on a grid five times as fine as the
 * pixels, and a pixel column is entered or left where the walk crosses its middle.
 */

const finePerPixel = 5;
/** The fine column in the middle of a pixel. */
const middle = (finePerPixel - 1) / 2;

/** Farther outside of a picture than any annotation is drawn; a walk along such an outline would take minutes. */
export const farthestPx = 100_000;

/** Calls `visit` for every fine point on the way from one corner to the next, both included. */
function walkEdge(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  visit: (x: number, y: number) => void,
): void {
  const isFlat = Math.abs(x2 - x1) >= Math.abs(y2 - y1);
  const steps = isFlat ? Math.abs(x2 - x1) : Math.abs(y2 - y1);
  if (steps === 0) return;
  // The lower end of the longer axis is where the slope is taken from, whichever way the outline runs.
  const isReversed = isFlat ? x1 > x2 : y1 > y2;
  const [fromX, fromY, toX, toY] = isReversed ? [x2, y2, x1, y1] : [x1, y1, x2, y2];
  const slope = (isFlat ? toY - fromY : toX - fromX) / steps;
  for (let step = 0; step <= steps; step++) {
    const along = isReversed ? steps - step : step;
    const across = Math.trunc((isFlat ? fromY : fromX) + slope * along + 0.5);
    if (isFlat) visit(fromX + along, across);
    else visit(across, fromY + along);
  }
}

/** The fine grid of a coordinate; rounds towards zero as COCO's tools do. */
function toFine(px: number): number {
  return Math.trunc(finePerPixel * px + 0.5);
}

/**
 * Where a walk through the pixels, column by column from the top, enters or leaves the polygon, in order.
 *
 * @param polygon x, y of each corner in pixels.
 */
function crossings(polygon: readonly number[], widthPx: number, heightPx: number): number[] {
  const found: number[] = [];
  let lastX = 0;
  let lastY = 0;
  let isFirst = true;
  const visit = (x: number, y: number) => {
    if (!isFirst && x !== lastX) {
      const columnPx = ((x < lastX ? x : x - 1) - middle) / finePerPixel;
      if (Number.isInteger(columnPx) && columnPx >= 0 && columnPx < widthPx) {
        const rowPx = Math.ceil((Math.min(y, lastY) - middle) / finePerPixel);
        found.push(columnPx * heightPx + Math.min(Math.max(rowPx, 0), heightPx));
      }
    }
    lastX = x;
    lastY = y;
    isFirst = false;
  };
  const corners = polygon.length / 2;
  for (let corner = 0; corner < corners; corner++) {
    const next = (corner + 1) % corners;
    walkEdge(
      toFine(polygon[corner * 2]!),
      toFine(polygon[corner * 2 + 1]!),
      toFine(polygon[next * 2]!),
      toFine(polygon[next * 2 + 1]!),
      visit,
    );
  }
  return found.sort((a, b) => a - b);
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
  for (const polygon of polygons) {
    const at = crossings(polygon, widthPx, heightPx);
    for (let index = 0; index < at.length; index += 2) inside.fill(1, at[index], at[index + 1]);
  }
  return columnsToSpans(inside, heightPx);
}
