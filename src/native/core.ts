import type { NativeFrame, PictureFields, PictureView } from '../core/frame.js';
import type { LetterboxGeometry } from '../core/geometry.js';
import type { ScaleFilter, YuvRange } from '../core/ports.js';
import { guarded, guardedAsync } from './errors.js';
import { loadAddon } from './load.js';

/** Where the planes of an NV12 picture lie in their bytes. Width and height even, strides of any value. */
export interface Nv12Layout {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Bytes from one Y row to the next, at least `widthPx`. */
  readonly yStrideBytes: number;
  /** Byte offset of the first UV row, at or behind the end of the Y rows. */
  readonly uvOffsetBytes: number;
  /** Bytes from one UV row to the next, at least `widthPx`. */
  readonly uvStrideBytes: number;
}

/** A small picture of the whole source, made in the same pass with the box filter. */
export interface PreviewTarget {
  /** Even. */
  readonly widthPx: number;
  /** Even. */
  readonly heightPx: number;
  /** [heightPx * widthPx * 4] RGBA bytes, packed rows, alpha 255; exactly this long. */
  readonly output: ArrayBuffer;
}

/** What every letterbox needs. */
export interface LetterboxRequest {
  readonly frame: NativeFrame;
  /** Solved for the size of this frame. */
  readonly geometry: LetterboxGeometry;
  /** See `resolveFilter`. */
  readonly filter: ScaleFilter;
  readonly yuvRange: YuvRange;
  readonly preview: PreviewTarget | null;
}

/** A letterbox job into float planes. */
export interface RgbPlanarRequest extends LetterboxRequest {
  /** [3, modelHeightPx, modelWidthPx] f32 planes R, G, B in 0..1; padding is 114/255. Exactly this long. */
  readonly output: ArrayBuffer;
}

/** A letterbox job into NV12 bytes. */
export interface Nv12Request extends LetterboxRequest {
  /** Y rows, then at `pitchBytes * modelHeightPx` the UV rows; padding is Y 114, U = V = 128. */
  readonly output: Uint8Array;
  /** Bytes from one row to the next of both planes. Bytes behind the width are not written. */
  readonly pitchBytes: number;
}

/** A conversion of packed RGB bytes to NV12. */
export interface RgbToNv12Request {
  /** [heightPx * widthPx * 3] R, G, B bytes, packed rows. */
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly yuvRange: YuvRange;
  /** [heightPx * 3 / 2 * widthPx] packed NV12. */
  readonly output: Uint8Array;
}

/** Times of one job on its pool thread. */
export interface PrepareReport {
  /** From the call to the start of the work. */
  readonly queuedMs: number;
  /** Start of the work until the source frame was no longer needed. */
  readonly readMs: number;
  /** The whole work, `readMs` included. */
  readonly durationMs: number;
}

/**
 * The filter `auto` stands for: box where either axis shrinks by more than 2, bilinear else.
 *
 * Up to a reduction of 2, the four pixels that bilinear reads are all there are (native `box` is bilinear there too).
 * At 1920x1080 to
 * 640x360 bilinear is point sampling, one pixel in nine, so noise and aliasing pass undamped; the mean of all
 * nine costs about twice as much to NV12 and 1.5 times to RGB planes (docs/performance.md). The effect on mAP has
 * not been measured.
 *
 * @internal Exported for tests.
 */
export function resolveFilter(filter: ScaleFilter, geometry: LetterboxGeometry): 'bilinear' | 'box' {
  if (filter !== 'auto') return filter;
  return geometry.contentWidthPx * 2 < geometry.region.widthPx ||
    geometry.contentHeightPx * 2 < geometry.region.heightPx
    ? 'box'
    : 'bilinear';
}

/** A frame with the size that it has or, if it is compressed, says it has. */
export interface WrappedPicture {
  readonly frame: NativeFrame;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The type of a camera's message as ROS names it; of an HbmMsg with the bytes of its data field, else 0. */
export interface PictureMessageType {
  readonly name: string;
  readonly capacityBytes: number;
}

/** A camera's message that came as bytes. */
export interface PictureMessage extends PictureFields {
  /** Where the data begins in the bytes; `capacityBytes` of them lie there. */
  readonly dataOffsetBytes: number;
}

interface CoreAddon {
  wrapNv12(buffer: Uint8Array, layout: Nv12Layout): NativeFrame;
  wrapPicture(buffer: Uint8Array, view: PictureView): WrappedPicture;
  readPictureMessage(bytes: Uint8Array, type: PictureMessageType): PictureMessage;
  closeFrame(frame: NativeFrame): boolean;
  letterboxRgbPlanar(request: RgbPlanarRequest): Promise<PrepareReport>;
  letterboxNv12(request: Nv12Request): Promise<PrepareReport>;
  rgbToNv12(request: RgbToNv12Request): Promise<void>;
  returnFreedMemory(): void;
}

const functionNames = [
  ...[
    'wrapNv12',
    'wrapPicture',
    'readPictureMessage',
    'closeFrame',
    'letterboxRgbPlanar',
    'letterboxNv12',
    'rgbToNv12',
    'returnFreedMemory',
  ],
];
let loaded: CoreAddon | null = null;

function core(): CoreAddon {
  loaded ??= loadAddon('core', functionNames) as unknown as CoreAddon;
  return loaded;
}

/** The request with the filter `auto` stands for; what the addon takes. */
export function withFilter<Request extends LetterboxRequest>(request: Request): Request {
  return { ...request, filter: resolveFilter(request.filter, request.geometry) };
}

/** Rows without padding, chroma right behind luma. */
export function packedLayout(widthPx: number, heightPx: number): Nv12Layout {
  return {
    widthPx,
    heightPx,
    yStrideBytes: widthPx,
    uvOffsetBytes: widthPx * heightPx,
    uvStrideBytes: widthPx,
  };
}

/**
 * A frame over memory of ours: files, tests, transports that copied.
 *
 * The bytes are not copied; they stay referenced until the frame is closed and its jobs are done, and must
 * neither change (a job that notices rejects with `overwritten`) nor be transferred to another thread till then.
 * A frame that is never closed is dropped when its handle is collected. Throws FrameError `layout` when
 * sizes, strides and byte count contradict each other, SegError `argument` for a wrong type.
 */
export function wrapNv12(buffer: Uint8Array, layout: Nv12Layout): NativeFrame {
  return guarded(() => core().wrapNv12(buffer, layout));
}

/**
 * A frame of any other format over memory of ours; sizes may be odd. Otherwise as `wrapNv12`.
 *
 * A compressed picture is decoded by each job anew; one that turns out to be broken rejects with FrameError
 * `picture`. Throws the same for one whose header names no size.
 */
export function wrapPicture(buffer: Uint8Array, view: PictureView): WrappedPicture {
  return guarded(() => core().wrapPicture(buffer, view));
}

/** Reads a serialised message by the code that reads those of a subscription. Throws FrameError `serialized_form`. */
export function readPictureMessage(cdr: Uint8Array, type: PictureMessageType): PictureMessage {
  return guarded(() => core().readPictureMessage(cdr, type));
}

/**
 * Drops the holder's reference to a frame of any of our addons; jobs in flight keep theirs.
 *
 * Returns whether this call closed it: a second call does nothing and returns false. Throws SegError `argument`
 * for anything that is no frame.
 */
export function closeFrame(frame: NativeFrame): boolean {
  return guarded(() => core().closeFrame(frame));
}

/**
 * Letterboxes a frame into RGB float planes on a pool thread, with a preview if wanted.
 *
 * Outputs belong to the job until the promise settles: do not read, reuse or transfer them before. Rejects with
 * FrameError `overwritten` (the outputs were not touched), ClosedError `closed`, SegError `argument`.
 */
export function letterboxRgbPlanar(request: RgbPlanarRequest): Promise<PrepareReport> {
  return guardedAsync(() => core().letterboxRgbPlanar(withFilter(request)));
}

/**
 * Letterboxes a frame into NV12 on a pool thread, with a preview if wanted.
 *
 * Scales straight into `output`, which therefore holds rubbish after `overwritten`. Otherwise as
 * `letterboxRgbPlanar`.
 */
export function letterboxNv12(request: Nv12Request): Promise<PrepareReport> {
  return guardedAsync(() => core().letterboxNv12(withFilter(request)));
}

/** Packed RGB to packed NV12 on a pool thread; chroma is the mean of 2x2 pixels. Rejects with `argument`. */
export function rgbToNv12(request: RgbToNv12Request): Promise<void> {
  return guardedAsync(() => core().rgbToNv12(request));
}

/**
 * Gives the system back what C and C++ have freed and glibc keeps for later: a model that was released leaves some 130 MiB
 * of it (docs/reliability.md). Takes some 10 ms of the calling thread.
 */
export function returnFreedMemory(): void {
  guarded(() => core().returnFreedMemory());
}
