import { basename } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { readFault } from '../files/fault.js';
import { openRegularFile, statRegularFile } from '../files/regularFile.js';
import { type CameraFrames, type CameraPicture, framesInMemory, nv12Bytes } from './frames.js';

function cannotRead(path: string, error: unknown): ConfigError {
  return new ConfigError('source', `${path} ${readFault(error)}`, { path });
}

/**
 * How many frames of this size so many bytes of raw NV12 are, one behind the other.
 *
 * Throws ConfigError `nv12_size` when they are no multiple of the frame. @param path Names them.
 */
export function nv12FramesIn(path: string, sizeBytes: number, widthPx: number, heightPx: number): number {
  const frameBytes = nv12Bytes(widthPx, heightPx);
  if (sizeBytes > 0 && sizeBytes % frameBytes === 0) return sizeBytes / frameBytes;
  throw new ConfigError(
    'nv12_size',
    `${path} has ${sizeBytes} bytes; expected a multiple of ${frameBytes}, one NV12 frame of ${widthPx}x${heightPx} (see --width and --height)`,
    { path, sizeBytes, frameBytes },
  );
}

/** The same of a file. Throws ConfigError `source` when it cannot be read, too. */
export async function nv12FrameCount(path: string, widthPx: number, heightPx: number): Promise<number> {
  const { size } = await statRegularFile(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  return nv12FramesIn(path, size, widthPx, heightPx);
}

/**
 * Reads one frame of a file of raw NV12. Throws ConfigError `source` when it cannot be read or ends before.
 *
 * @param into Has the size of a frame; what is returned is this.
 */
export async function readNv12Frame(
  path: string,
  widthPx: number,
  heightPx: number,
  index: number,
  into: Uint8Array = new Uint8Array(nv12Bytes(widthPx, heightPx)),
): Promise<Uint8Array> {
  const file = await openRegularFile(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  try {
    const { bytesRead } = await file
      .read(into, 0, into.length, index * into.length)
      .catch((error: unknown) => {
        throw cannotRead(path, error);
      });
    if (bytesRead === into.length) return into;
    const what = `${path} ended in frame ${index}: ${bytesRead} of ${into.length} bytes`;
    throw new ConfigError('source', what, { path });
  } finally {
    await file.close();
  }
}

/** Reads a file of raw NV12 frames, as many as memory holds. Throws ConfigError as the functions above, and the reason of an abort. */
export async function readNv12File(
  path: string,
  widthPx: number,
  heightPx: number,
  signal?: AbortSignal,
): Promise<CameraFrames> {
  const available = await nv12FrameCount(path, widthPx, heightPx);
  const pictures: CameraPicture[] = [];
  for (let index = 0; index < Math.min(available, framesInMemory(widthPx, heightPx)); index++) {
    signal?.throwIfAborted();
    const nv12 = await readNv12Frame(path, widthPx, heightPx, index);
    pictures.push({ name: available === 1 ? basename(path) : `${basename(path)}#${index}`, nv12 });
  }
  return { widthPx, heightPx, pictures, available, leftOut: null };
}
