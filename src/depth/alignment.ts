import { DepthError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { haveSameAspect, type Pinhole } from './pinhole.js';

/** depth = source * numerator / denominator + offset, for continuous pixel edges of one axis. */
interface AxisMap {
  /** Apart, so that edges that meet a pixel's centre are found exactly. */
  readonly numerator: number;
  readonly denominator: number;
  readonly offsetPx: number;
}

/** Which pixel of the depth picture sees what a pixel of the camera's picture sees. */
export interface DepthAlignment {
  readonly x: AxisMap;
  readonly y: AxisMap;
}

function axis(sourceF: number, sourceC: number, depthF: number, depthC: number): AxisMap {
  const gain = depthF / sourceF;
  return { numerator: depthF, denominator: sourceF, offsetPx: depthC + 0.5 - (sourceC + 0.5) * gain };
}

/**
 * The map from a camera's picture to the depth picture that is aligned with it: by both cameras where both are known, else
 * by the sizes. Throws DepthError `aspect` where the sizes alone are known and are of two shapes.
 *
 * @param sourceCamera Null where nothing says what the camera of the picture is.
 */
export function alignPictures(
  source: SizePx,
  sourceCamera: Pinhole | null,
  depthCamera: Pinhole,
): DepthAlignment {
  if (sourceCamera !== null) {
    return {
      x: axis(sourceCamera.fx, sourceCamera.cx, depthCamera.fx, depthCamera.cx),
      y: axis(sourceCamera.fy, sourceCamera.cy, depthCamera.fy, depthCamera.cy),
    };
  }
  if (!haveSameAspect(source, depthCamera)) {
    throw new DepthError(
      'aspect',
      `the picture is ${source.widthPx} x ${source.heightPx} and the depth picture ${depthCamera.widthPx} x ${depthCamera.heightPx}: they do not show the same part; set input.camera_info to the camera_info of the picture`,
      { source, depth: { widthPx: depthCamera.widthPx, heightPx: depthCamera.heightPx } },
    );
  }
  return {
    x: { numerator: depthCamera.widthPx, denominator: source.widthPx, offsetPx: 0 },
    y: { numerator: depthCamera.heightPx, denominator: source.heightPx, offsetPx: 0 },
  };
}

/** The first depth pixel whose centre is not before the edge in front of source pixel `edgePx`. */
export function firstDepthPixel({ numerator, denominator, offsetPx }: AxisMap, edgePx: number): number {
  return Math.ceil((edgePx * numerator) / denominator + offsetPx - 0.5);
}
