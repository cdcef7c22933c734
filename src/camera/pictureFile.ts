import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { readFault } from '../files/fault.js';
import { readRegularFile } from '../files/regularFile.js';

/** Throws ConfigError `source` for a picture's file that is too large to be read. */
export function checkPictureBytes(path: string, sizeBytes: number): void {
  if (sizeBytes <= limits.pictureFileBytes) return;
  const what = `${path} has ${sizeBytes} bytes; files of pictures up to ${limits.pictureFileBytes} are read`;
  throw new ConfigError('source', what, { path, sizeBytes });
}

/** The bytes of a picture's file. Throws ConfigError `source`. */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, ({ size }) => checkPictureBytes(path, size));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('source', `${path} ${readFault(error)}`, { path });
  }
}
