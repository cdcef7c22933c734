import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { readFault } from '../files/fault.js';
import { type CameraFrames, type CameraPicture, framesInMemory, nv12Bytes } from './frames.js';

/**
 * Reads a file of raw NV12 frames, one behind the other; as many as memory holds.
 *
 * Throws ConfigError `source` when it cannot be read, `nv12_size` when its length is no multiple of the frame.
 */
export async function readNv12File(path: string, widthPx: number, heightPx: number): Promise<CameraFrames> {
  const file = await open(path).catch((error: unknown) => {
    throw new ConfigError('source', `${path} ${readFault(error)}`, { path });
  });
  try {
    const { size } = await file.stat();
    const frameBytes = nv12Bytes(widthPx, heightPx);
    if (size === 0 || size % frameBytes !== 0) {
      throw new ConfigError(
        'nv12_size',
        `${path} has ${size} bytes; expected a multiple of ${frameBytes}, one NV12 frame of ${widthPx}x${heightPx} (see --width and --height)`,
        { path, sizeBytes: size, frameBytes },
      );
    }
    const available = size / frameBytes;
    const pictures: CameraPicture[] = [];
    for (let index = 0; index < Math.min(available, framesInMemory(widthPx, heightPx)); index++) {
      const nv12 = new Uint8Array(frameBytes);
      const { bytesRead } = await file.read(nv12, 0, frameBytes, index * frameBytes);
      if (bytesRead !== frameBytes) {
        throw new ConfigError(
          'source',
          `${path} ended in frame ${index}: ${bytesRead} of ${frameBytes} bytes`,
          {
            path,
          },
        );
      }
      pictures.push({ name: available === 1 ? basename(path) : `${basename(path)}#${index}`, nv12 });
    }
    return { widthPx, heightPx, pictures, available, leftOut: null };
  } finally {
    await file.close();
  }
}
