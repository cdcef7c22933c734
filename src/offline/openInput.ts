import { messageAsFrame } from '../camera/images/messageFrame.js';
import { cannotDecode, metadataWithinLimits } from '../camera/pictureLimit.js';
import { pictureAsFrame } from '../camera/pictureFrame.js';
import type { FrameLease, PictureView } from '../core/frame.js';
import type { SizePx } from '../core/geometry.js';
import { closeFrame, wrapPicture } from '../native/core.js';
import type { MessageInput, Nv12Input, OfflineInput, PictureInput, VideoInput } from './offlineInput.js';
import type { PicturePlace } from './pictureMemory.js';
import { type Metadata, sharp } from '../files/stillPictures.js';

/** True for a JPEG that is decoded as the node decodes those of a camera, while the model input is made. */
function isCameraJpeg({ format, space, orientation = 1 }: Metadata): boolean {
  return format === 'jpeg' && (space === 'srgb' || space === 'b-w') && orientation === 1;
}

/** Any other picture, turned upright, transparent parts black. */
async function decoded(bytes: Uint8Array, path: string): Promise<{ bytes: Uint8Array; view: PictureView }> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw cannotDecode(path, error);
    });
  const { width: widthPx, height: heightPx, channels } = info;
  const format = channels === 1 ? 'mono8' : 'rgb8';
  return { bytes: data, view: { format, widthPx, heightPx, strideBytes: widthPx * channels } };
}

/** How the bytes of a frame are to be read. */
type FrameView = PictureView | ({ readonly format: 'nv12' } & Readonly<SizePx>);

/** A frame, and what it was read from. */
export interface OpenedFrame {
  /** Whoever takes it closes it. */
  readonly lease: FrameLease;
  /** The picture as it lies in memory; null for a message, which the input has. */
  readonly picture: { readonly bytes: Uint8Array; readonly view: FrameView } | null;
  /** Says that nobody reads the picture any more, so that its memory may be used again; nobody need say it. */
  release(): void;
}

/** Of memory that is the garbage collector's. */
const release = (): void => {};

/** Pictures have no time: they stand a second apart, so that viewers can tell them from each other. */
const nsPerPicture = 1_000_000_000n;

interface FrameNames {
  readonly sequence: number;
  /** Where the input has none. */
  readonly frameId: string;
}

function wrapped(
  bytes: Uint8Array,
  view: PictureView,
  { sequence, frameId, stampNs }: FrameNames & { readonly stampNs: bigint },
): OpenedFrame {
  const { frame, widthPx, heightPx } = wrapPicture(bytes, view);
  const lease = {
    header: { stampNs, frameId, sequence, widthPx, heightPx },
    format: view.format,
    region: null,
    takenMs: performance.now(),
    loaned: false,
    native: frame,
    close: () => {
      closeFrame(frame);
    },
  };
  return { lease, picture: { bytes, view }, release };
}

async function openPicture(
  { path, sizeBytes, read }: PictureInput,
  names: FrameNames,
  place: PicturePlace,
): Promise<OpenedFrame> {
  await place.takeFile(await sizeBytes());
  const file = await read();
  const metadata = await metadataWithinLimits(file, path);
  await place.takePixels({ widthPx: metadata.width, heightPx: metadata.height });
  const { bytes, view } = isCameraJpeg(metadata)
    ? { bytes: file, view: { format: 'jpeg', sizeBytes: file.length } as const }
    : await decoded(file, path);
  return wrapped(bytes, view, { ...names, stampNs: BigInt(names.sequence) * nsPerPicture });
}

async function openVideoFrame(
  { rgb, widthPx, heightPx, timeNs }: VideoInput,
  names: FrameNames,
  place: PicturePlace,
): Promise<OpenedFrame> {
  await place.takePixels({ widthPx, heightPx });
  const view = { format: 'rgb8', widthPx, heightPx, strideBytes: widthPx * 3 } as const;
  return wrapped(rgb, view, { ...names, stampNs: timeNs ?? BigInt(names.sequence) * nsPerPicture });
}

async function openNv12(
  { path, widthPx, heightPx, read, giveBack }: Nv12Input,
  { sequence, frameId }: FrameNames,
  place: PicturePlace,
): Promise<OpenedFrame> {
  await place.takePixels({ widthPx, heightPx });
  const bytes = await read();
  const lease = pictureAsFrame({ name: path, widthPx, heightPx, nv12: bytes }, sequence);
  const header = { ...lease.header, stampNs: BigInt(sequence) * nsPerPicture, frameId };
  return {
    lease: { ...lease, header },
    picture: { bytes, view: { format: 'nv12', widthPx, heightPx } },
    release: () => giveBack(bytes),
  };
}

async function openMessage(
  { topic, cdr }: MessageInput,
  names: FrameNames,
  place: PicturePlace,
): Promise<OpenedFrame> {
  await place.takeFile(cdr.length);
  const lease = messageAsFrame({ type: topic.type, cdr }, names);
  await place.takePixels(lease.header).catch((error: unknown) => {
    lease.close();
    throw error;
  });
  return { lease, picture: null, release };
}

/**
 * Reads an input as a frame of a camera. Throws ConfigError `source` or `recording`, FrameError for a JPEG without a size and
 * for a message that a subscription would refuse, or StoreError.
 *
 * @param place Room is taken there before memory is asked for; for an input that has its pixels already, before this yields.
 */
export async function openInput(
  input: OfflineInput,
  names: FrameNames,
  place: PicturePlace,
): Promise<OpenedFrame> {
  switch (input.kind) {
    case 'lost':
      throw input.fault;
    case 'picture':
      return openPicture(input, names, place);
    case 'nv12':
      return openNv12(input, names, place);
    case 'video':
      return openVideoFrame(input, names, place);
    case 'message':
      return openMessage(input, names, place);
  }
}
