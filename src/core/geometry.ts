import { ConfigError } from './errors.js';
import type { Region } from './frame.js';

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
 * model = source * gain + origin, for continuous pixel-edge coordinates, separately in x and y.
 */
export interface LetterboxGeometry {
  readonly sourceWidthPx: number;
  readonly sourceHeightPx: number;
  /** The part of the source that the content shows. */
  readonly region: Region;
  readonly modelWidthPx: number;
  readonly modelHeightPx: number;
  /** Size and top-left corner of the picture inside the model input; all four are even (NV12 chroma). */
  readonly contentWidthPx: number;
  readonly contentHeightPx: number;
  readonly padXPx: number;
  readonly padYPx: number;
  /** Where the source's left and upper edge lie in the model: the padding, where the region is all of the source. */
  readonly originXPx: number;
  readonly originYPx: number;
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

function checkSides(what: string, { widthPx, heightPx }: SizePx, multipleOf: 1 | 2): void {
  const isSide = (px: number) => Number.isInteger(px) && px >= 2 && px % multipleOf === 0;
  if (isSide(widthPx) && isSide(heightPx)) return;
  const expected = multipleOf === 2 ? 'even numbers of at least 2' : 'at least 2 x 2';
  throw new ConfigError('geometry', `${what} is ${widthPx} x ${heightPx} pixels; expected ${expected}`, {
    widthPx,
    heightPx,
  });
}

/**
 * Solves the letterbox of one source size.
 *
 * The sizes of the content are rounded to whole pixels and then up to even ones. The content is centred; where the
 * border is not a multiple of four, the two extra pixels go to the right and below. Throws ConfigError for a source
 * that is no integer of at least 2 and a model whose sides are not even, too.
 *
 * @param region Lies in the source; all of it unless given. The content shows this part alone.
 */
export function solveLetterbox(
  sourceWidthPx: number,
  sourceHeightPx: number,
  modelWidthPx: number,
  modelHeightPx: number,
  mode: ResizeMode = 'letterbox',
  region: Region = { xPx: 0, yPx: 0, widthPx: sourceWidthPx, heightPx: sourceHeightPx },
): LetterboxGeometry {
  checkSides('the frame', { widthPx: sourceWidthPx, heightPx: sourceHeightPx }, 1);
  checkSides('the model input', { widthPx: modelWidthPx, heightPx: modelHeightPx }, 2);
  let contentWidthPx = modelWidthPx;
  let contentHeightPx = modelHeightPx;
  if (mode === 'letterbox') {
    const gain = letterboxGain(region.widthPx, region.heightPx, modelWidthPx, modelHeightPx);
    contentWidthPx = Math.min(modelWidthPx, evenAtLeastTwo(region.widthPx * gain));
    contentHeightPx = Math.min(modelHeightPx, evenAtLeastTwo(region.heightPx * gain));
  }
  const padXPx = Math.floor((modelWidthPx - contentWidthPx) / 4) * 2;
  const padYPx = Math.floor((modelHeightPx - contentHeightPx) / 4) * 2;
  const gainX = contentWidthPx / region.widthPx;
  const gainY = contentHeightPx / region.heightPx;
  return {
    sourceWidthPx,
    sourceHeightPx,
    modelWidthPx,
    modelHeightPx,
    contentWidthPx,
    contentHeightPx,
    region,
    padXPx,
    padYPx,
    originXPx: padXPx - region.xPx * gainX,
    originYPx: padYPx - region.yPx * gainY,
    gainX,
    gainY,
  };
}

/** The map of one axis, for continuous pixel edges. */
export function sourceToModel(sourcePx: number, gain: number, originPx: number): number {
  return sourcePx * gain + originPx;
}

/** The inverse of `sourceToModel`. */
export function modelToSource(modelPx: number, gain: number, originPx: number): number {
  return (modelPx - originPx) / gain;
}

/** The first target pixel whose centre is not before the edge in front of source pixel `edgePx`. */
export function firstTargetPixel(edgePx: number, sourcePx: number, targetPx: number): number {
  return Math.ceil((2 * targetPx * edgePx - sourcePx) / (2 * sourcePx));
}

/** The source pixel under the centre of a target pixel. */
export function sourcePixel(targetPixel: number, sourcePx: number, targetPx: number): number {
  return Math.floor(((2 * targetPixel + 1) * sourcePx) / (2 * targetPx));
}
