import type { LetterboxGeometry } from '../core/geometry.js';
import type { TensorData } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import { MaskField } from './maskField.js';
import { type AxisTaps, gridPosition, type MaskSampling, maskSampling, samplesAlike } from './sampling.js';
import type { SpanWriter } from './spanWriter.js';

const outside = 0;
const inside = 1;
const mixed = 2;

/** The source rows between two grid rows, over the width of a mask's box. One is used again for all bands: there are thousands a frame. */
interface Band {
  /** Where the grid rows above and below begin in the field. */
  top: number;
  bottom: number;
  /** Grid columns [gridX1, gridX2) that the field holds. */
  gridX1: number;
  gridX2: number;
  /** Source columns [x1, x2) and rows [y1, y2). */
  x1: number;
  x2: number;
  y1: number;
  y2: number;
}

/**
 * Turns coefficients and a box into the row spans of a mask at source size.
 *
 * The mask logits of the prototype grid are interpolated bilinearly at the centres of the source pixels and
 * cut at 0. Between four grid values of one sign nothing has to be interpolated, so each band of source rows
 * between two grid rows is cut into runs: inside, outside, and single cells with both signs.
 */
export class MaskTracer {
  readonly #proto: GridHead;
  readonly #cellPx: number;
  /** Logits of the mask last traced, over all grid values around its box. */
  readonly field: MaskField;
  /** Runs of one band: kind, first source column and, for mixed ones, the field column. */
  readonly #runKinds: Uint8Array;
  readonly #runStarts: Int32Array;
  readonly #runColumns: Uint16Array;
  readonly #band: Band = { top: 0, bottom: 0, gridX1: 0, gridX2: 0, x1: 0, x2: 0, y1: 0, y2: 0 };
  #sampling: MaskSampling | null = null;

  constructor(proto: GridHead) {
    this.#proto = proto;
    this.#cellPx = proto.downsample;
    this.field = new MaskField(proto);
    this.#runKinds = new Uint8Array(proto.widthCells);
    this.#runStarts = new Int32Array(proto.widthCells + 1);
    this.#runColumns = new Uint16Array(proto.widthCells);
  }

  /**
   * Appends the spans of one mask to `spans`; `boxImage` are x1, y1, x2, y2 in source pixels, clipped. False,
   * and `field` as it was, if no pixel's centre lies in the box.
   */
  trace(
    proto: TensorData,
    coefs: Float64Array,
    boxImage: Float32Array,
    boxAt: number,
    geometry: LetterboxGeometry,
    spans: SpanWriter,
  ): boolean {
    // A pixel belongs to the box if its centre does; low edges are in, high edges out. `| 0` turns -0 into 0.
    const x1 = Math.ceil(boxImage[boxAt] - 0.5) | 0;
    const y1 = Math.ceil(boxImage[boxAt + 1] - 0.5) | 0;
    const x2 = Math.ceil(boxImage[boxAt + 2] - 0.5) | 0;
    const y2 = Math.ceil(boxImage[boxAt + 3] - 0.5) | 0;
    if (x2 <= x1 || y2 <= y1) return false;
    const { heightCells, widthCells } = this.#proto;
    if (this.#sampling === null || !samplesAlike(this.#sampling.geometry, geometry)) {
      this.#sampling = maskSampling(geometry, this.#cellPx, heightCells, widthCells);
    }
    const { x: tapsX, y: tapsY } = this.#sampling;
    const { gainX, gainY, originXPx, originYPx } = geometry;
    const cellPx = this.#cellPx;
    // Around the box's edges, which may lie a grid value farther out than the outermost pixel centres.
    const gridX1 = gridCell(gridPosition(boxImage[boxAt], gainX, originXPx, cellPx), widthCells);
    const gridY1 = gridCell(gridPosition(boxImage[boxAt + 1], gainY, originYPx, cellPx), heightCells);
    const lastX = gridCell(gridPosition(boxImage[boxAt + 2], gainX, originXPx, cellPx), widthCells);
    const lastY = gridCell(gridPosition(boxImage[boxAt + 3], gainY, originYPx, cellPx), heightCells);
    const gridX2 = Math.min(lastX + 2, widthCells);
    const gridY2 = Math.min(lastY + 2, heightCells);
    this.field.fill(proto, coefs, gridX1, gridY1, gridX2, gridY2);
    const gridWidth = gridX2 - gridX1;
    const band = this.#band;
    band.gridX1 = gridX1;
    band.gridX2 = gridX2;
    band.x1 = x1;
    band.x2 = x2;
    for (let bandY1 = y1; bandY1 < y2; bandY1 = band.y2) {
      const gridRow = tapsY.low[bandY1];
      band.y1 = bandY1;
      band.y2 = Math.min(y2, tapsY.firstPixel[gridRow + 1]);
      band.top = (gridRow - gridY1) * gridWidth;
      band.bottom = (Math.min(gridRow + 1, gridY2 - 1) - gridY1) * gridWidth;
      this.#traceBand(tapsX, tapsY, spans);
    }
    return true;
  }

  /** Appends the spans of the band. */
  #traceBand(tapsX: AxisTaps, tapsY: AxisTaps, spans: SpanWriter): void {
    const { top, bottom, gridX1, gridX2, x1, x2, y1, y2 } = this.#band;
    const runCount = this.#cutRuns(tapsX);
    const kinds = this.#runKinds;
    if (runCount === 1 && kinds[0] === outside) return;
    const starts = this.#runStarts;
    const columns = this.#runColumns;
    const field = this.field.values;
    const weightX = tapsX.weight;
    const cellPx = tapsX.pixelsPerCell;
    spans.reserve((y2 - y1) * (((x2 - x1) >> 1) + 1));
    for (let y = y1; y < y2; y++) {
      const weight = tapsY.weight[y];
      let open = -1;
      for (let run = 0; run < runCount; run++) {
        const start = starts[run];
        if (kinds[run] === inside) {
          if (open < 0) open = start;
          continue;
        }
        if (kinds[run] === outside) {
          if (open >= 0) spans.add(y, open, start);
          open = -1;
          continue;
        }
        const column = columns[run];
        const next = Math.min(column + 1, gridX2 - gridX1 - 1);
        const left = field[top + column] * (1 - weight) + field[bottom + column] * weight;
        const right = field[top + next] * (1 - weight) + field[bottom + next] * weight;
        if (left > 0) {
          if (open < 0) open = start;
          if (right > 0) continue;
          const end = starts[run + 1];
          const crossing = firstBelow(left, right, weightX, start, end, cellPx);
          // A span that reaches the cell's end may go on in the next one.
          if (crossing === end) continue;
          if (crossing > open) spans.add(y, open, crossing);
          open = -1;
        } else {
          const end = starts[run + 1];
          const crossing = right > 0 ? firstAbove(left, right, weightX, start, end, cellPx) : end;
          if (open >= 0 && crossing === start) continue;
          if (open >= 0) spans.add(y, open, start);
          open = crossing < end ? crossing : -1;
        }
      }
      if (open >= 0) spans.add(y, open, x2);
    }
  }

  /** Cuts the band's columns into runs by the signs of the field around them; returns how many. */
  #cutRuns(tapsX: AxisTaps): number {
    const { top, bottom, gridX1, gridX2, x1, x2 } = this.#band;
    const field = this.field.values;
    const kinds = this.#runKinds;
    const starts = this.#runStarts;
    const firstPixel = tapsX.firstPixel;
    const lastColumn = gridX2 - gridX1 - 1;
    const lastCell = tapsX.low[x2 - 1] - gridX1;
    let count = 0;
    let kind = -1;
    let start = x1;
    let leftAbove = (field[top] > 0 ? 1 : 0) + (field[bottom] > 0 ? 1 : 0);
    for (let column = 0; column <= lastCell; column++) {
      const next = column < lastColumn ? column + 1 : column;
      const rightAbove = (field[top + next] > 0 ? 1 : 0) + (field[bottom + next] > 0 ? 1 : 0);
      const above = leftAbove + rightAbove;
      leftAbove = rightAbove;
      const end = Math.min(firstPixel[gridX1 + column + 1], x2);
      if (end <= start) continue;
      const here = above === 4 ? inside : above === 0 ? outside : mixed;
      if (here !== kind || here === mixed) {
        kinds[count] = here;
        starts[count] = start;
        this.#runColumns[count] = column;
        count++;
        kind = here;
      }
      start = end;
    }
    starts[count] = x2;
    return count;
  }
}

/** The grid value at or before a grid position, clamped at the border. */
function gridCell(gridAt: number, cells: number): number {
  return Math.min(Math.max(Math.floor(gridAt), 0), cells - 1);
}

/**
 * First pixel of [start, end) whose value, interpolated from `left` (not above 0) to `right` (above 0), is above
 * 0; `end` if none is. The crossing is estimated and then checked with the exact interpolation.
 */
function firstAbove(
  left: number,
  right: number,
  weightX: Float64Array,
  start: number,
  end: number,
  cellPx: number,
): number {
  let x = estimate(left, right, weightX[start], start, end, cellPx);
  while (x > start && left * (1 - weightX[x - 1]) + right * weightX[x - 1] > 0) x--;
  while (x < end && !(left * (1 - weightX[x]) + right * weightX[x] > 0)) x++;
  return x;
}

/** As `firstAbove`, for a value that falls from above 0: the first pixel not above 0. */
function firstBelow(
  left: number,
  right: number,
  weightX: Float64Array,
  start: number,
  end: number,
  cellPx: number,
): number {
  let x = estimate(left, right, weightX[start], start, end, cellPx);
  while (x > start && !(left * (1 - weightX[x - 1]) + right * weightX[x - 1] > 0)) x--;
  while (x < end && left * (1 - weightX[x]) + right * weightX[x] > 0) x++;
  return x;
}

function estimate(
  left: number,
  right: number,
  firstWeight: number,
  start: number,
  end: number,
  cellPx: number,
): number {
  // `| 0` turns NaN into 0.
  const x = start + (Math.ceil((left / (left - right) - firstWeight) * cellPx) | 0);
  return Math.max(start, Math.min(x, end));
}
