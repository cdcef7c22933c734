import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';
import { decodeText, maxTextBytes } from '../../toolchain/text/textFile.js';

/**
 * The text of a log file.
 *
 * Throws ConfigError `file_unreadable`, `text_too_large`, `text_empty` or `text_binary`.
 */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readWhole(path).catch((error: unknown) => {
    if (error instanceof ConfigError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError(
      'file_unreadable',
      `${path} ${missing ? 'does not exist' : 'cannot be read'}`,
      { path },
      error,
    );
  });
  return decodeText(bytes, path);
}

async function readWhole(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > maxTextBytes) {
    throw new ConfigError(
      'text_too_large',
      `${path} has ${size} bytes; logs up to ${maxTextBytes} are read`,
      {
        path,
        size,
      },
    );
  }
  return readFile(path);
}
