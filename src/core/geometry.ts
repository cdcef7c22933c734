import { ConfigError } from './errors.js';

/** Continuous pixel edges; x2 and y2 are exclusive. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Width and height of a picture or of a model's input. */
export interface SizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** How the source picture is fitted into the model input. */
export const resizeModes = ['letterbox', 'stretch'] as const;

/** One of them. */
export type ResizeMode = (typeof resizeModes)[number];

/**
 * The one map between source and model coordinates.
 *
 * model = source * gain + pad, for continuous pixel-edge coordinates, separately in x and y.
 */
export interface LetterboxGeometry {
  readonly sourceWidthPx: number;
  readonly sourceHeightPx: number;
  readonly modelWidthPx: number;
  readonly modelHeightPx: number;
  /** Size and top-left corner of the picture inside the model input; all four are even (NV12 chroma). */
  readonly contentWidthPx: number;
  readonly contentHeightPx: number;
  readonly padXPx: number;
  readonly padYPx: number;
  /** Model pixels per source pixel. Differs between x and y by the rounding to even sizes. */
  readonly gainX: number;
  readonly gainY: number;
}

/**
 * Rounds to a whole pixel, as a letterbox without NV12 would, and then up to an even size, so that no content is lost.
 */
function evenAtLeastTwo(valuePx: number): number {
  return Math.max(2, Math.ceil(Math.round(valuePx) / 2) * 2);
}

/** Model pixels per source pixel of a picture that fits into the model input as a whole, before any rounding. */
export function letterboxGain(
  sourceWidthPx: number,
  sourceHeightPx: number,
  modelWidthPx: number,
  modelHeightPx: number,
): number {
  return Math.min(modelWidthPx / sourceWidthPx, modelHeightPx / sourceHeightPx);
}

/**
 * Solves the letterbox of one source size.
 *
 * The sizes of the content are rounded to whole pixels and then up to even ones. The content is centred; where the
 * border is not a multiple of four, the two extra pixels go to the right and below. Throws ConfigError for sizes that
 * are not positive even integers.
 */
export function solveLetterbox(
  sourceWidthPx: number,
  sourceHeightPx: number,
  modelWidthPx: number,
  modelHeightPx: number,
  mode: ResizeMode = 'letterbox',
): LetterboxGeometry {
  for (const [name, valuePx] of Object.entries({
    sourceWidthPx,
    sourceHeightPx,
    modelWidthPx,
    modelHeightPx,
  })) {
    if (!Number.isInteger(valuePx) || valuePx < 2 || valuePx % 2 !== 0) {
      throw new ConfigError('geometry', `${name} is ${valuePx}; expected an even integer of at least 2`, {
        [name]: valuePx,
      });
    }
  }
  let contentWidthPx = modelWidthPx;
  let contentHeightPx = modelHeightPx;
  if (mode === 'letterbox') {
    const gain = letterboxGain(sourceWidthPx, sourceHeightPx, modelWidthPx, modelHeightPx);
    contentWidthPx = Math.min(modelWidthPx, evenAtLeastTwo(sourceWidthPx * gain));
    contentHeightPx = Math.min(modelHeightPx, evenAtLeastTwo(sourceHeightPx * gain));
  }
  return {
    sourceWidthPx,
    sourceHeightPx,
    modelWidthPx,
    modelHeightPx,
    contentWidthPx,
    contentHeightPx,
    padXPx: Math.floor((modelWidthPx - contentWidthPx) / 4) * 2,
    padYPx: Math.floor((modelHeightPx - contentHeightPx) / 4) * 2,
    gainX: contentWidthPx / sourceWidthPx,
    gainY: contentHeightPx / sourceHeightPx,
  };
}

/** The map of one axis, for continuous pixel edges. */
export function sourceToModel(sourcePx: number, gain: number, padPx: number): number {
  return sourcePx * gain + padPx;
}

/** The inverse of `sourceToModel`. */
export function modelToSource(modelPx: number, gain: number, padPx: number): number {
  return (modelPx - padPx) / gain;
}

/** The first target pixel whose centre is not before the edge in front of source pixel `edgePx`. */
export function firstTargetPixel(edgePx: number, sourcePx: number, targetPx: number): number {
  return Math.ceil((2 * targetPx * edgePx - sourcePx) / (2 * sourcePx));
}

/** The source pixel under the centre of a target pixel. */
export function sourcePixel(targetPixel: number, sourcePx: number, targetPx: number): number {
  return Math.floor(((2 * targetPixel + 1) * sourcePx) / (2 * targetPx));
}
