import type { FrameHeader } from './frame.js';

/** Thresholds and filters of one post-processing run; live parameters of the node. */
export interface PostprocessOptions {
  /** Probability in (0, 1); cells must be above it. */
  readonly scoreThreshold: number;
  /** Boxes of one class whose IoU is above it lose against a better score. */
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** Class ids that may be reported; null allows every class. */
  readonly classes: readonly number[] | null;
  /** Suppress across classes. */
  readonly classAgnosticNms: boolean;
  /** Most that contours may be off the mask's edge to need fewer points, source pixels; null makes no contours. */
  readonly contourTolerancePx: number | null;
}

/**
 * Outlines of the masks of one frame: every part of every mask and every hole in it, as closed rings of points
 * in continuous source pixels (pixel p covers p to p + 1). A ring's last point joins its first.
 *
 * They are where the upsampled mask logit is 0, and the edges of the box where the mask reaches them. On the
 * picture outer boundaries run clockwise and holes counter-clockwise, an outer boundary before its holes, so
 * that even-odd and non-zero filling agree. Left out are rings whose area is below the square of the tolerance.
 * Where a mask is thinner than the tolerance, its simplified ring may cross itself.
 */
export interface Contours {
  /** [ringStarts[rings] * 2] x, y */
  readonly points: Float32Array;
  /** [rings + 1] Ring r owns the points from `ringStarts[r]` to `ringStarts[r + 1]`; at least three. */
  readonly ringStarts: Uint32Array;
  /** [instances + 1] Instance i owns the rings from `instanceStarts[i]` to `instanceStarts[i + 1]`. */
  readonly instanceStarts: Uint32Array;
}

/**
 * Instances of one frame, best score first, as parallel arrays so that it crosses threads by transfer.
 *
 * Masks are row spans in source pixels: instance i owns the triples (yPx, x1Px, x2Px), x2 exclusive, from
 * `spanStarts[i]` to `spanStarts[i + 1]` (counted in triples), sorted by y then x, never overlapping.
 * A pixel belongs to a mask if its centre lies in the box and the upsampled mask logit there is above 0.
 */
export interface Instances {
  readonly count: number;
  /** [count * 4] x1, y1, x2, y2 in source pixels, continuous edges, clipped to the picture. */
  readonly boxesImage: Float32Array;
  /** [count] probabilities. */
  readonly scores: Float32Array;
  /** [count] class ids. */
  readonly classIds: Uint16Array;
  /** [spanStarts[count] * 3] */
  readonly spans: Uint16Array;
  /** [count + 1] */
  readonly spanStarts: Uint32Array;
  /** Null unless `contourTolerancePx` asked for them. */
  readonly contours: Contours | null;
}

/** The memory of instances made by a post-processing run, to be transferred with them. */
export function instanceBuffers(instances: Instances): ArrayBuffer[] {
  const { boxesImage, scores, classIds, spans, spanStarts, contours } = instances;
  const arrays = [boxesImage, scores, classIds, spans, spanStarts];
  if (contours !== null) arrays.push(contours.points, contours.ringStarts, contours.instanceStarts);
  return arrays.map((array) => array.buffer as ArrayBuffer);
}

/** Names of the timed stages, in order of the frame's way. */
export const stageNames = ['wait', 'prepare', 'queue', 'infer', 'decode', 'masks'] as const;
/** A stage that a frame goes through, from its take to its masks. */
export type StageName = (typeof stageNames)[number];

/** Milliseconds per stage: wait = taken to prepare, queue = prepared to inference start. */
export type StageTimesMs = Readonly<Record<StageName, number>>;

/** Everything the outputs are made of. */
export interface FrameResult {
  readonly header: FrameHeader;
  readonly instances: Instances;
  readonly stageTimesMs: StageTimesMs;
  /** Cells above the score threshold before NMS, and how many of them were cut by the top-k bound. */
  readonly candidateCount: number;
  readonly candidatesCut: number;
}

/** The source frame scaled down for the overlay. */
export interface PreviewImage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [heightPx * widthPx * 4] RGBA bytes, packed rows. */
  readonly rgba: ArrayBuffer;
}
