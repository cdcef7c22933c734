import { type LetterboxGeometry, modelToSource } from '../core/geometry.js';

/** Writes a box of the model input in source pixels, clipped to the picture: x1, y1, x2, y2 each, from `at` on. */
export function writeBoxImage(
  boxModel: Float64Array,
  { sourceWidthPx, sourceHeightPx, gainX, gainY, padXPx, padYPx }: LetterboxGeometry,
  boxesImage: Float32Array,
  at: number,
): void {
  boxesImage[at] = Math.min(Math.max(modelToSource(boxModel[0], gainX, padXPx), 0), sourceWidthPx);
  boxesImage[at + 1] = Math.min(Math.max(modelToSource(boxModel[1], gainY, padYPx), 0), sourceHeightPx);
  boxesImage[at + 2] = Math.min(Math.max(modelToSource(boxModel[2], gainX, padXPx), 0), sourceWidthPx);
  boxesImage[at + 3] = Math.min(Math.max(modelToSource(boxModel[3], gainY, padYPx), 0), sourceHeightPx);
}
