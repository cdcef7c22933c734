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

/** A rectangle of a picture, in its pixels. */
export interface Region {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a camera's message says of its picture, read and not judged. */
export interface PictureFields {
  /** Empty where the type has none, as HbmMsg. */
  readonly frameId: string;
  readonly stampNs: bigint;
  readonly heightPx: number;
  readonly widthPx: number;
  readonly dataSizeBytes: number;
  readonly stepBytes: number;
  /** The bytes of the encoding field, one character each, with whatever follows the terminator. */
  readonly encodingLatin1: string;
  /** Bytes of the data field; in sensor_msgs those that came. */
  readonly capacityBytes: number;
}

declare const nativeFrameBrand: unique symbol;

/** Opaque handle to pixels held by native code; only native calls can look inside. */
export interface NativeFrame {
  readonly [nativeFrameBrand]: true;
}

/** Rows of pixels as `sensor_msgs/Image` has them; `yuyv` and `uyvy` are 4:2:2, two pixels in four bytes. */
export type PackedFormat = 'rgb8' | 'bgr8' | 'rgba8' | 'bgra8' | 'mono8' | 'yuyv' | 'uyvy';

/** Pictures that are decoded while a model input is made of them. */
export type CompressedFormat = 'jpeg' | 'png';

/** How the bytes of a frame are to be read. */
export type PixelFormat = 'nv12' | PackedFormat | CompressedFormat;

/** How the bytes of a frame other than NV12 are to be read; a compressed one tells its size itself. */
export type PictureView =
  | {
      readonly format: PackedFormat;
      readonly widthPx: number;
      readonly heightPx: number;
      /** Bytes from row to row. */
      readonly strideBytes: number;
    }
  | { readonly format: CompressedFormat; readonly sizeBytes: number };

/**
 * A frame that is ours until `close()`.
 *
 * The holder calls `close()` exactly once; a second call does nothing. Using `native` after `close()`
 * throws ClosedError. A lease does not protect the pixels: the publisher may overwrite them, which the
 * native read detects and reports as FrameError `overwritten`.
 */
export interface FrameLease {
  readonly header: FrameHeader;
  readonly format: PixelFormat;
  /** The part to be segmented, as it was asked for; a width or height of 0 goes up to the edge. Null: all of it. */
  readonly region: Region | null;
  /** `performance.now()` clock, milliseconds, when the frame was taken from the transport. */
  readonly takenMs: number;
  /** True where the pixels are the publisher's own memory, false where the transport copied them. */
  readonly loaned: boolean;
  readonly native: NativeFrame;
  close(): void;
}
