/** Which matrix of a camera_info belongs to its picture. */
export const intrinsicsChoices = ['auto', 'k', 'p'] as const;
/** One of them; auto takes k and refuses where p says otherwise. */
export type IntrinsicsChoice = (typeof intrinsicsChoices)[number];

/**
 * Why an instance has a place in space or has none, by code: index 0 is the only one with a place.
 *
 * located: measured. no_mask: the mask has no pixel, or none that lies in the depth picture. eroded: the mask is too thin for
 * the erosion. no_depth: too few of its pixels hold a depth.
 */
export const depthOutcomes = ['located', 'no_mask', 'eroded', 'no_depth'] as const;
/** One of them. */
export type DepthOutcome = (typeof depthOutcomes)[number];

/** The code of `located`. */
const locatedCode = 0;

/** Bytes of a point of a cloud: x, y, z, rgb, class_id, instance_id, confidence, four bytes each. */
export const cloudPointBytes = 28;

/** Points of all instances, in the optical frame of the depth picture. */
export interface DepthCloud {
  /** Points in a row; 1 row holds all of a cloud that is not organised. */
  readonly widthPoints: number;
  readonly heightPoints: number;
  /**
   * [heightPoints, widthPoints, 28] little endian: x, y, z float32 in metres, rgb uint32 (0xffRRGGBB), class_id int32, instance_id
   * int32 (number of the instance, 0 for none), confidence float32. NaN in x, y and z where a point belongs to no instance.
   */
  readonly bytes: Uint8Array;
  /** True where no point is NaN. */
  readonly isDense: boolean;
}

/**
 * Where the instances of one frame are in space, as parallel arrays in the order of the instances.
 *
 * Lengths are metres in the optical frame of the depth picture (REP 103: x right, y down, z forward). All are NaN where the outcome
 * is not `located`.
 */
export interface FrameDepths {
  /** The optical frame. */
  readonly frameId: string;
  /** Stamp of the depth picture in nanoseconds. */
  readonly stampNs: bigint;
  /** [count] codes of {@link depthOutcomes}. */
  readonly outcomes: Uint8Array;
  /** [count] median of z over the valid pixels of the eroded mask. */
  readonly mediansM: Float32Array;
  /** [count] median of the distances from that median, not scaled. */
  readonly madsM: Float32Array;
  /** [count] pixels of the eroded mask that hold a depth, of all of them; 0 where there are none. */
  readonly validShares: Float32Array;
  /** [count * 3] mean x, y, z of the points that are no outliers. */
  readonly positionsM: Float32Array;
  /** [count * 3] centre of the box around these points, whose sides are parallel to the axes. */
  readonly boxCentresM: Float32Array;
  /** [count * 3] size of that box. */
  readonly extentsM: Float32Array;
  /** Null unless somebody wants points. */
  readonly cloud: DepthCloud | null;
}

/** Whether instance `index` has a place. */
export function isLocated({ outcomes }: Pick<FrameDepths, 'outcomes'>, index: number): boolean {
  return outcomes[index] === locatedCode;
}
