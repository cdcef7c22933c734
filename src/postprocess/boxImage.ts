import { type LetterboxGeometry, modelToSource } from '../core/geometry.js';

/** Writes a box of the model input in source pixels, clipped to the region: x1, y1, x2, y2 each, from `at` on. */
export function writeBoxImage(
  boxModel: Float64Array,
  { region, gainX, gainY, originXPx, originYPx }: LetterboxGeometry,
  boxesImage: Float32Array,
  at: number,
): void {
  const { xPx, yPx } = region;
  const right = xPx + region.widthPx;
  const bottom = yPx + region.heightPx;
  boxesImage[at] = Math.min(Math.max(modelToSource(boxModel[0], gainX, originXPx), xPx), right);
  boxesImage[at + 1] = Math.min(Math.max(modelToSource(boxModel[1], gainY, originYPx), yPx), bottom);
  boxesImage[at + 2] = Math.min(Math.max(modelToSource(boxModel[2], gainX, originXPx), xPx), right);
  boxesImage[at + 3] = Math.min(Math.max(modelToSource(boxModel[3], gainY, originYPx), yPx), bottom);
}
