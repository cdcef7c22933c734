import type { FrameDepths } from './depths.js';
import type { FrameHeader } from './frame.js';
import type { LetterboxGeometry } from './geometry.js';
import type { FrameTracks } from './tracks.js';

/** Thresholds and filters of one post-processing run; live parameters of the node. */
export interface PostprocessOptions {
  /** Probability in (0, 1). A cell becomes a candidate only if its best class has a higher one. */
  readonly scoreThreshold: number;
  /**
   * Whether every class of a cell above the threshold is a candidate, as evaluations count them; else the best one alone.
   */
  readonly everyClass: boolean;
  /** Of two boxes of one class with a higher IoU than this, only the one with the better score is kept. */
  readonly iouThreshold: number;
  /** `auto` suppresses, but for heads that are known to be one-to-one. */
  readonly nms: 'auto' | 'on' | 'off';
  readonly maxDetections: number;
  /** Class ids that may be reported; null allows every class. */
  readonly classes: readonly number[] | null;
  /** Whether boxes of different classes suppress each other too. */
  readonly classAgnosticNms: boolean;
  /**
   * How far a contour may run beside the true edge of its mask, in source pixels. A larger tolerance gives fewer
   * points. Null: no contours are made.
   */
  readonly contourTolerancePx: number | null;
}

/**
 * Outlines of the masks of one frame: every part of every mask and every hole in it, as closed rings of points
 * in continuous source pixels (pixel p covers p to p + 1). A ring's last point joins its first.
 *
 * A ring follows the line on which the upsampled mask logit is 0; where the mask reaches the edge of its box, the
 * ring follows that edge. Seen on the picture, outer boundaries run clockwise and holes counter-clockwise, and an
 * outer boundary stands before its holes, so that even-odd and non-zero filling give the same mask. Rings whose area
 * is below the square of the tolerance are left out. Where a mask is thinner than the tolerance, its simplified ring
 * may cross itself.
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
 * Instances of one frame, best score first. They are parallel arrays, so that they are transferred between threads
 * without a copy.
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

/** A picture in which nothing was found. */
export function noInstances(): Instances {
  return {
    count: 0,
    boxesImage: new Float32Array(0),
    scores: new Float32Array(0),
    classIds: new Uint16Array(0),
    spans: new Uint16Array(0),
    spanStarts: new Uint32Array(1),
    contours: null,
  };
}

/** The memory of instances made by a post-processing run, to be transferred with them. */
export function instanceBuffers(instances: Instances): ArrayBuffer[] {
  const { boxesImage, scores, classIds, spans, spanStarts, contours } = instances;
  const arrays = [boxesImage, scores, classIds, spans, spanStarts];
  if (contours !== null) arrays.push(contours.points, contours.ringStarts, contours.instanceStarts);
  return arrays.map((array) => array.buffer as ArrayBuffer);
}

/** Names of the timed stages, in the order in which a frame passes them. */
export const stageNames = ['wait', 'prepare', 'queue', 'infer', 'decode', 'masks'] as const;
/** A stage that a frame goes through, from its take to its masks. */
export type StageName = (typeof stageNames)[number];

/**
 * Milliseconds per stage; `wait` lasts from taken to the start of prepare, `queue` from prepared to the start of
 * the inference.
 */
export type StageTimesMs = Readonly<Record<StageName, number>>;

/** Everything the outputs are made of. */
export interface FrameResult {
  readonly header: FrameHeader;
  /** How the frame was fitted into the model input. */
  readonly geometry: LetterboxGeometry;
  readonly instances: Instances;
  readonly stageTimesMs: StageTimesMs;
  /**
   * How many cells were above the score threshold, and how many of these were left out because only the best are
   * decoded.
   */
  readonly candidateCount: number;
  readonly candidatesCut: number;
  /** Null where nothing is followed. */
  readonly tracks: FrameTracks | null;
  /** Where the instances are in space; null where no depth is known. */
  readonly depths: FrameDepths | null;
}

/** The source frame scaled down for the overlay. */
export interface PreviewImage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [heightPx * widthPx * 4] RGBA bytes, packed rows. */
  readonly rgba: ArrayBuffer;
}
