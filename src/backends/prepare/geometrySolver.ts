import { ConfigError, FrameError } from '../../core/errors.js';
import { type LetterboxGeometry, type ResizeMode, solveLetterbox } from '../../core/geometry.js';
import type { InputSize } from './inputForm.js';

/** The letterbox of a frame of this size in pixels. Throws FrameError `size` where there is none. */
export function solveGeometry(
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  { inputWidthPx, inputHeightPx }: InputSize,
  resizeMode: ResizeMode,
): LetterboxGeometry {
  try {
    return solveLetterbox(widthPx, heightPx, inputWidthPx, inputHeightPx, resizeMode);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new FrameError('size', `a ${widthPx}x${heightPx} frame: ${error.message}`, error.details, error);
  }
}
