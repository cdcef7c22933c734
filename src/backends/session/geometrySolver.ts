import { ConfigError, FrameError } from '../../core/errors.js';
import { type LetterboxGeometry, type ResizeMode, solveLetterbox, type SizePx } from '../../core/geometry.js';
import type { InputSize } from './inputForm.js';

/** Solves the letterbox of frames for one model; a camera's frames all share the first one's. */
export class GeometrySolver {
  readonly #size: InputSize;
  readonly #resizeMode: ResizeMode;
  #last: LetterboxGeometry | null = null;

  constructor(size: InputSize, resizeMode: ResizeMode) {
    this.#size = size;
    this.#resizeMode = resizeMode;
  }

  /** The letterbox of a frame of this size in pixels. Throws FrameError `size` where there is none. */
  solve({ widthPx, heightPx }: SizePx): LetterboxGeometry {
    const last = this.#last;
    if (last?.sourceWidthPx === widthPx && last.sourceHeightPx === heightPx) return last;
    const { inputWidthPx, inputHeightPx } = this.#size;
    try {
      this.#last = solveLetterbox(widthPx, heightPx, inputWidthPx, inputHeightPx, this.#resizeMode);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new FrameError('size', `a ${widthPx}x${heightPx} frame: ${error.message}`, error.details, error);
    }
    return this.#last;
  }
}
