import type { Box } from './geometry.js';
import type { Instances } from './result.js';

/** Integer pixel rectangle: columns xPx to xPx + widthPx - 1, rows yPx to yPx + heightPx - 1. */
export interface RectPx {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The box of instance `index` in source pixels, continuous edges. */
export function boxOf(instances: Instances, index: number): Box {
  const boxes = instances.boxesImage;
  return {
    x1: boxes[index * 4],
    y1: boxes[index * 4 + 1],
    x2: boxes[index * 4 + 2],
    y2: boxes[index * 4 + 3],
  };
}

/** The smallest pixel rectangle that covers a box; it holds every mask pixel of that box. */
export function maskRect(boxImage: Box): RectPx {
  const xPx = Math.floor(boxImage.x1);
  const yPx = Math.floor(boxImage.y1);
  return {
    xPx,
    yPx,
    widthPx: Math.max(0, Math.ceil(boxImage.x2) - xPx),
    heightPx: Math.max(0, Math.ceil(boxImage.y2) - yPx),
  };
}

/** Number of mask pixels of instance `index`. */
export function maskAreaPx(instances: Instances, index: number): number {
  const spans = instances.spans;
  const end = instances.spanStarts[index + 1] * 3;
  let areaPx = 0;
  for (let at = instances.spanStarts[index] * 3; at < end; at += 3) areaPx += spans[at + 2] - spans[at + 1];
  return areaPx;
}

/**
 * Writes the mask of instance `index` into `out` as [rect.heightPx, rect.widthPx] mono8, packed rows,
 * 255 inside and 0 outside. Mask pixels outside `rect` are left out.
 *
 * Throws RangeError if `out` is shorter than the rectangle; bytes after the rectangle are not touched.
 */
export function rasterizeMask(instances: Instances, index: number, rect: RectPx, out: Uint8Array): void {
  const { xPx, yPx, widthPx, heightPx } = rect;
  const areaPx = widthPx * heightPx;
  if (out.length < areaPx) {
    throw new RangeError(`mask of ${widthPx}x${heightPx} pixels does not fit into ${out.length} bytes`);
  }
  out.fill(0, 0, areaPx);
  const spans = instances.spans;
  const end = instances.spanStarts[index + 1] * 3;
  for (let at = instances.spanStarts[index] * 3; at < end; at += 3) {
    const row = spans[at] - yPx;
    if (row < 0 || row >= heightPx) continue;
    const x1 = Math.max(spans[at + 1] - xPx, 0);
    const x2 = Math.min(spans[at + 2] - xPx, widthPx);
    if (x2 > x1) out.fill(255, row * widthPx + x1, row * widthPx + x2);
  }
}

/**
 * Row-major run lengths of the mask of instance `index` within `rect`: alternating counts of outside and
 * inside pixels, starting with outside (0 where the first pixel is inside); they sum to the rectangle's
 * area. The last run is left out when it would be 0. An empty rectangle has no runs.
 */
export function runLengths(instances: Instances, index: number, rect: RectPx): Uint32Array<ArrayBuffer> {
  const { xPx, yPx, widthPx, heightPx } = rect;
  const spans = instances.spans;
  const first = instances.spanStarts[index] * 3;
  const end = instances.spanStarts[index + 1] * 3;
  const runs = new Uint32Array(((end - first) / 3) * 2 + 1);
  let runCount = 0;
  let positionPx = 0;
  for (let at = first; at < end; at += 3) {
    const row = spans[at] - yPx;
    if (row < 0 || row >= heightPx) continue;
    const x1 = Math.max(spans[at + 1] - xPx, 0);
    const x2 = Math.min(spans[at + 2] - xPx, widthPx);
    if (x2 <= x1) continue;
    const start = row * widthPx + x1;
    if (start === positionPx && runCount > 0) {
      // A span that reaches the right edge goes on at the left edge of the next row.
      runs[runCount - 1] += x2 - x1;
    } else {
      runs[runCount] = start - positionPx;
      runs[runCount + 1] = x2 - x1;
      runCount += 2;
    }
    positionPx = start + x2 - x1;
  }
  const tailPx = widthPx * heightPx - positionPx;
  if (tailPx > 0) runs[runCount++] = tailPx;
  return runs.slice(0, runCount);
}

/** Number of pixels that two masks share, the first of them shifted: by `dxPx` to the right and by `dyPx` down. */
export function sharedAreaPx(
  a: Instances,
  indexA: number,
  b: Instances,
  indexB: number,
  dxPx = 0,
  dyPx = 0,
): number {
  const spansA = a.spans;
  const spansB = b.spans;
  const endA = a.spanStarts[indexA + 1] * 3;
  const endB = b.spanStarts[indexB + 1] * 3;
  let atA = a.spanStarts[indexA] * 3;
  let atB = b.spanStarts[indexB] * 3;
  let sharedPx = 0;
  while (atA < endA && atB < endB) {
    const yA = spansA[atA] + dyPx;
    if (yA !== spansB[atB]) {
      if (yA < spansB[atB]) atA += 3;
      else atB += 3;
      continue;
    }
    const x2A = spansA[atA + 2] + dxPx;
    const x1 = Math.max(spansA[atA + 1] + dxPx, spansB[atB + 1]);
    const x2 = Math.min(x2A, spansB[atB + 2]);
    if (x2 > x1) sharedPx += x2 - x1;
    // The span that ends first can meet nothing more of the other mask in this row.
    if (x2A < spansB[atB + 2]) atA += 3;
    else atB += 3;
  }
  return sharedPx;
}

/** Intersection over union of two masks in source pixels; 0 when both are empty. */
export function maskIou(a: Instances, indexA: number, b: Instances, indexB: number): number {
  const sharedPx = sharedAreaPx(a, indexA, b, indexB);
  const unionPx = maskAreaPx(a, indexA) + maskAreaPx(b, indexB) - sharedPx;
  return unionPx === 0 ? 0 : sharedPx / unionPx;
}
