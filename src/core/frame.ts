/** When a frame was taken, by which camera, and its size; every output made from it carries these. */
export interface FrameHeader {
  /** Stamp of the source message in nanoseconds, copied unchanged to the outputs. */
  readonly stampNs: bigint;
  /** ROS frame_id of the outputs. */
  readonly frameId: string;
  /** Counts the frames of this source from 0. */
  readonly sequence: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

declare const nativeFrameBrand: unique symbol;

/** Opaque handle to pixels held by native code; only native calls can look inside. */
export interface NativeFrame {
  readonly [nativeFrameBrand]: true;
}

/**
 * An NV12 frame that is ours until `close()`: Y rows of `yStrideBytes`, then interleaved UV rows of `uvStrideBytes`.
 *
 * The holder calls `close()` exactly once; a second call does nothing. Using `native` after `close()`
 * throws ClosedError. A lease does not protect the pixels: the publisher may overwrite them, which the
 * native read detects and reports as FrameError `overwritten`.
 */
export interface FrameLease {
  readonly header: FrameHeader;
  readonly yStrideBytes: number;
  readonly uvStrideBytes: number;
  /** `performance.now()` clock, milliseconds, when the frame was taken from the transport. */
  readonly takenMs: number;
  /** True where the pixels are the publisher's own memory, false where the transport copied them. */
  readonly loaned: boolean;
  readonly native: NativeFrame;
  close(): void;
}
