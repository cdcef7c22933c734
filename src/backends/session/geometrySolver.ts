import { ConfigError, FrameError } from '../../core/errors.js';
import type { Region } from '../../core/frame.js';
import { limits } from '../../core/limits.js';
import { type LetterboxGeometry, type ResizeMode, solveLetterbox, type SizePx } from '../../core/geometry.js';
import type { InputSize } from './inputForm.js';

function isSame(a: Region | null, b: Region | null): boolean {
  if (a === null || b === null) return a === b;
  return a.xPx === b.xPx && a.yPx === b.yPx && a.widthPx === b.widthPx && a.heightPx === b.heightPx;
}

/** One axis of the region: even edges, outwards, but not beyond the picture. */
function evenPart(startPx: number, lengthPx: number, sizePx: number): { startPx: number; lengthPx: number } {
  const evenStartPx = startPx - (startPx % 2);
  const endPx = lengthPx === 0 ? sizePx : Math.min(sizePx, Math.ceil((startPx + lengthPx) / 2) * 2);
  return { startPx: evenStartPx, lengthPx: endPx - evenStartPx };
}

/** The part of a picture that was asked for: NV12 can be cut at even pixels only. */
function regionIn({ widthPx, heightPx }: SizePx, wanted: Region | null): Region | undefined {
  if (wanted === null) return undefined;
  const x = evenPart(wanted.xPx, wanted.widthPx, widthPx);
  const y = evenPart(wanted.yPx, wanted.heightPx, heightPx);
  if (x.lengthPx < 2 || y.lengthPx < 2) {
    throw new FrameError(
      'roi',
      `input.roi begins at ${wanted.xPx}, ${wanted.yPx}; the frame has ${widthPx} x ${heightPx} pixels`,
      { xPx: wanted.xPx, yPx: wanted.yPx, widthPx, heightPx },
    );
  }
  return { xPx: x.startPx, yPx: y.startPx, widthPx: x.lengthPx, heightPx: y.lengthPx };
}

/** What cannot be scaled: a side that no mask could be told of, and a strip of which next to nothing would be left. */
function checkScaling({
  sourceWidthPx,
  sourceHeightPx,
  region,
  contentWidthPx,
  contentHeightPx,
}: LetterboxGeometry) {
  const size = `${sourceWidthPx} x ${sourceHeightPx}`;
  const details = { widthPx: sourceWidthPx, heightPx: sourceHeightPx };
  if (Math.max(sourceWidthPx, sourceHeightPx) > limits.compressedSidePx) {
    const what = `the frame is ${size} pixels; expected at most ${limits.compressedSidePx} a side`;
    throw new FrameError('size', what, details);
  }
  const reduction = Math.max(region.widthPx / contentWidthPx, region.heightPx / contentHeightPx);
  if (reduction <= limits.reduction) return;
  const shown = `${region.widthPx} x ${region.heightPx} of its ${size} pixels become ${contentWidthPx} x ${contentHeightPx}`;
  const what = `the frame is too long for the model: ${shown}; expected at least 1/${limits.reduction} of each side`;
  throw new FrameError('size', what, details);
}

/** Solves the letterbox of frames for one model; a camera's frames all share the first one's. */
export class GeometrySolver {
  readonly #size: InputSize;
  readonly #resizeMode: ResizeMode;
  #last: LetterboxGeometry | null = null;
  #lastWanted: Region | null = null;

  constructor(size: InputSize, resizeMode: ResizeMode) {
    this.#size = size;
    this.#resizeMode = resizeMode;
  }

  /**
   * The letterbox of a frame of this size in pixels, or of a part of it. Throws FrameError `size` where there is none,
   * `roi` where the part begins outside of the frame.
   */
  solve(size: SizePx, wanted: Region | null = null): LetterboxGeometry {
    const { widthPx, heightPx } = size;
    const last = this.#last;
    if (
      last?.sourceWidthPx === widthPx &&
      last.sourceHeightPx === heightPx &&
      isSame(wanted, this.#lastWanted)
    )
      return last;
    const { inputWidthPx, inputHeightPx } = this.#size;
    try {
      const region = regionIn(size, wanted);
      const geometry = solveLetterbox(
        widthPx,
        heightPx,
        inputWidthPx,
        inputHeightPx,
        this.#resizeMode,
        region,
      );
      checkScaling(geometry);
      this.#last = geometry;
      this.#lastWanted = wanted;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new FrameError('size', error.message, error.details, error);
    }
    return this.#last;
  }
}
