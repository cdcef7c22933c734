import type { IntrinsicsChoice } from '../core/depths.js';
import { DepthError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';

/** What a sensor_msgs/CameraInfo says of a camera, read and not judged. */
export interface CameraInfoFields extends SizePx {
  readonly frameId: string;
  /** [3, 3] of the picture as it was taken. */
  readonly k: readonly number[];
  /** [3, 4] of the rectified picture; all 0 where nothing is said. */
  readonly p: readonly number[];
  readonly binningX: number;
  readonly binningY: number;
  /** Of the sensor, which the picture shows; all 0 for all of it. */
  readonly roi: {
    readonly xPx: number;
    readonly yPx: number;
    readonly widthPx: number;
    readonly heightPx: number;
  };
}

/** A camera without distortion: pixel (u, v) sees x = (u - cx) / fx, y = (v - cy) / fy at z = 1; pixel centres are whole. */
export interface Pinhole extends SizePx {
  readonly frameId: string;
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}

/** Focal lengths and centres of k and p that differ by less are the same, told with other digits. */
const sameShare = 1e-3;

/**
 * What no camera without distortion is beyond, and what makes every place finite; docs/depth.md has the reasons.
 *
 * Every pixel is seen at most so far from the optical axis, as x / z or y / z: 84 degrees.
 */
const steepestSlope = 10;
/** A focal length has at most so many times the pixels of the picture's longer side, which is seen within 0.57 degrees then. */
const longestFocalShare = 100;

type Matrix = Pick<Pinhole, 'fx' | 'fy' | 'cx' | 'cy'>;

const show = ({ fx, fy, cx, cy }: Matrix) => `fx ${fx}, fy ${fy}, cx ${cx}, cy ${cy}`;

function isUsable({ fx, fy, cx, cy }: Matrix): boolean {
  return [fx, fy, cx, cy].every(Number.isFinite) && fx > 0 && fy > 0;
}

function matrixOf(values: readonly number[], columns: 3 | 4): Matrix {
  const [fx = Number.NaN, , cx = Number.NaN] = values;
  return { fx, cx, fy: values[columns + 1] ?? Number.NaN, cy: values[columns + 2] ?? Number.NaN };
}

function differ(a: Matrix, b: Matrix): boolean {
  const limit = sameShare * Math.max(a.fx, a.fy);
  return (['fx', 'fy', 'cx', 'cy'] as const).some((name) => Math.abs(a[name] - b[name]) > limit);
}

/** Throws DepthError `camera_info` for a matrix by which no camera sees a picture of this size. */
function refuseImpossible(matrix: Matrix, { widthPx, heightPx }: SizePx, name: string, what: string): void {
  const { fx, fy, cx, cy } = matrix;
  // The pixels farthest from the centre, which may lie outside of the picture where it is a part of a larger one.
  const slopeX = Math.max(Math.abs(cx), Math.abs(widthPx - 1 - cx)) / fx;
  const slopeY = Math.max(Math.abs(cy), Math.abs(heightPx - 1 - cy)) / fy;
  const mostPx = longestFocalShare * Math.max(widthPx, heightPx);
  if (slopeX <= steepestSlope && slopeY <= steepestSlope && fx <= mostPx && fy <= mostPx) return;
  const told = `${name} in camera_info of the ${what} has ${show(matrix)} for ${widthPx} x ${heightPx} pixels`;
  const seen = `pixels up to ${slopeX.toPrecision(3)} to the side and ${slopeY.toPrecision(3)} up or down at a distance of 1`;
  throw new DepthError(
    'camera_info',
    `${told}: it sees ${seen}; expected at most ${steepestSlope} (84 degrees), and focal lengths of at most ${mostPx}`,
    { ...matrix, slopeX, slopeY, steepestSlope, mostFocalPx: mostPx },
  );
}

/** The matrix that belongs to pictures of the size that the description tells, or of `picture` where it tells none. */
function chosen(info: CameraInfoFields, choice: IntrinsicsChoice, picture: SizePx, what: string): Matrix {
  const k = matrixOf(info.k, 3);
  const p = matrixOf(info.p, 4);
  const name = choice === 'p' ? 'P' : 'K';
  const matrix = choice === 'p' ? p : k;
  if (!isUsable(matrix)) {
    throw new DepthError(
      'camera_info',
      `${name} in camera_info of the ${what} has ${show(matrix)}; expected finite numbers and focal lengths above 0`,
      { ...matrix },
    );
  }
  if (choice === 'auto' && isUsable(p) && differ(k, p)) {
    throw new DepthError(
      'camera_info',
      `camera_info of the ${what} has K with ${show(k)} and P with ${show(p)}: it may be as taken (K) or rectified (P); set depth.intrinsics to k or p`,
      { k, p },
    );
  }
  refuseImpossible(matrix, saysNoSize(info) ? picture : info, name, what);
  return matrix;
}

/** Throws DepthError `camera_info` where the picture is a part of the sensor or smaller than it. */
function refuseParts({ binningX, binningY, roi, widthPx, heightPx }: CameraInfoFields, what: string): void {
  const isWhole =
    (roi.widthPx === 0 && roi.heightPx === 0 && roi.xPx === 0 && roi.yPx === 0) ||
    (roi.widthPx === widthPx && roi.heightPx === heightPx);
  if (binningX <= 1 && binningY <= 1 && isWhole) return;
  throw new DepthError(
    'camera_info',
    `camera_info of the ${what} tells of binning ${binningX} x ${binningY} and the part ${roi.widthPx} x ${roi.heightPx} at ${roi.xPx}, ${roi.yPx} of ${widthPx} x ${heightPx} pixels; expected a description of the picture itself`,
    { binningX, binningY, roi },
  );
}

function saysNoSize({ widthPx, heightPx }: SizePx): boolean {
  return widthPx === 0 && heightPx === 0;
}

/** Two sizes of one picture: one side follows from the other within a pixel. No side is 0. */
export function haveSameAspect(a: SizePx, b: SizePx): boolean {
  if (Math.min(a.widthPx, a.heightPx, b.widthPx, b.heightPx) < 1) return false;
  const skew = Math.abs(a.widthPx * b.heightPx - a.heightPx * b.widthPx);
  return skew <= Math.max(a.widthPx, a.heightPx, b.widthPx, b.heightPx);
}

/**
 * The camera of a picture of this size, where camera_info may be of another size of it.
 *
 * A width and height of 0 in camera_info say nothing. Throws DepthError `camera_info` or `aspect`.
 *
 * @param what Names the picture in errors: `depth picture`.
 */
export function pinholeOf(
  info: CameraInfoFields,
  choice: IntrinsicsChoice,
  picture: SizePx,
  what: string,
): Pinhole {
  refuseParts(info, what);
  const { frameId } = info;
  const { widthPx, heightPx } = picture;
  const { fx, fy, cx, cy } = chosen(info, choice, picture, what);
  if (saysNoSize(info)) return { frameId, widthPx, heightPx, fx, fy, cx, cy };
  if (!haveSameAspect(info, picture)) {
    throw new DepthError(
      'aspect',
      `the ${what} is ${widthPx} x ${heightPx} and its camera_info ${info.widthPx} x ${info.heightPx}: one is a part of the other, or of another camera`,
      { widthPx, heightPx, infoWidthPx: info.widthPx, infoHeightPx: info.heightPx },
    );
  }
  const gainX = widthPx / info.widthPx;
  const gainY = heightPx / info.heightPx;
  return {
    frameId,
    widthPx,
    heightPx,
    fx: fx * gainX,
    fy: fy * gainY,
    cx: (cx + 0.5) * gainX - 0.5,
    cy: (cy + 0.5) * gainY - 0.5,
  };
}
