import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { readFault } from '../files/fault.js';
import { readRegularFile, statRegularFile } from '../files/regularFile.js';

/** Throws ConfigError `source` for a picture's file that is too large to be read. */
export function checkPictureBytes(path: string, sizeBytes: number): void {
  if (sizeBytes <= limits.pictureFileBytes) return;
  const what = `${path} has ${sizeBytes} bytes; files of pictures up to ${limits.pictureFileBytes} are read`;
  throw new ConfigError('source', what, { path, sizeBytes });
}

function cannotRead(path: string, error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  return new ConfigError('source', `${path} ${readFault(error)}`, { path });
}

/** How many bytes a picture's file has, which `readPictureFile` reads. Throws ConfigError `source`. */
export async function pictureFileBytes(path: string): Promise<number> {
  try {
    const { size } = await statRegularFile(path);
    checkPictureBytes(path, size);
    return size;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** The bytes of a picture's file. Throws ConfigError `source`. */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  return readRegularFile(path, ({ size }) => checkPictureBytes(path, size)).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
}
