import { createHash } from 'node:crypto';
import { ConfigError } from '../core/errors.js';
import { readFault } from './fault.js';
import { readRegularFile } from './regularFile.js';

/** A hash over the values that decide a result, in this order. */
export function keyOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Hash of a content: SHA-256 in hex. */
export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Hash of a file's content; null where there is none. Throws ConfigError `file_unreadable`, for what is no file, too. */
export async function hashOfFile(path: string): Promise<string | null> {
  const bytes = await readRegularFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new ConfigError('file_unreadable', `${path} ${readFault(error)}`, { path });
  });
  return bytes === null ? null : hashOf(bytes);
}
