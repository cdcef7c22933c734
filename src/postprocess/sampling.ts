import { type LetterboxGeometry, modelToSource, sourceToModel } from '../core/geometry.js';

/**
 * Where source pixels sample the mask grid along one axis: pixel p lies between grid values low[p] and
 * low[p] + 1 (the same value at the far border) with the weight of the second in weight[p].
 */
export interface AxisTaps {
  /** [source pixels] */
  readonly low: Uint16Array;
  /** [source pixels] 0 to 1 */
  readonly weight: Float64Array;
  /** [grid cells + 1] first source pixel whose low is at least the cell. Signed: V8 mixes uint32 and -1 as doubles. */
  readonly firstPixel: Int32Array;
  /** Source pixels per grid cell. */
  readonly pixelsPerCell: number;
}

/** Where each source column and row lies on the prototype grid. */
export interface MaskSampling {
  readonly geometry: LetterboxGeometry;
  readonly x: AxisTaps;
  readonly y: AxisTaps;
}

/** Where a source position lies between the grid values of one axis: value k has its place at k. Not clamped. */
export function gridPosition(sourcePx: number, gain: number, originPx: number, cellPx: number): number {
  return sourceToModel(sourcePx, gain, originPx) / cellPx - 0.5;
}

/** The source position of grid position `at`; inverse of `gridPosition`. */
export function sourcePosition(at: number, gain: number, originPx: number, cellPx: number): number {
  return modelToSource((at + 0.5) * cellPx, gain, originPx);
}

function axisTaps(sizePx: number, gain: number, originPx: number, cellPx: number, cells: number): AxisTaps {
  const low = new Uint16Array(sizePx);
  const weight = new Float64Array(sizePx);
  const firstPixel = new Int32Array(cells + 1).fill(sizePx);
  for (let pixel = sizePx - 1; pixel >= 0; pixel--) {
    // Of the pixel's centre; clamped at the border.
    const at = Math.min(Math.max(gridPosition(pixel + 0.5, gain, originPx, cellPx), 0), cells - 1);
    low[pixel] = Math.floor(at);
    weight[pixel] = at - low[pixel];
    firstPixel[low[pixel]] = pixel;
  }
  for (let cell = cells - 1; cell >= 0; cell--) {
    firstPixel[cell] = Math.min(firstPixel[cell], firstPixel[cell + 1]);
  }
  return { low, weight, firstPixel, pixelsPerCell: cellPx / gain };
}

/** Taps for both axes; `cellPx` are model pixels per grid cell. Made anew only when the geometry changes. */
export function maskSampling(
  geometry: LetterboxGeometry,
  cellPx: number,
  heightCells: number,
  widthCells: number,
): MaskSampling {
  const { sourceWidthPx, sourceHeightPx, gainX, gainY, originXPx, originYPx } = geometry;
  return {
    geometry,
    x: axisTaps(sourceWidthPx, gainX, originXPx, cellPx, widthCells),
    y: axisTaps(sourceHeightPx, gainY, originYPx, cellPx, heightCells),
  };
}

/** True if masks of both geometries are sampled alike. */
export function samplesAlike(a: LetterboxGeometry, b: LetterboxGeometry): boolean {
  return (
    a === b ||
    (a.sourceWidthPx === b.sourceWidthPx &&
      a.sourceHeightPx === b.sourceHeightPx &&
      a.gainX === b.gainX &&
      a.gainY === b.gainY &&
      a.originXPx === b.originXPx &&
      a.originYPx === b.originYPx)
  );
}
