import { open, rm } from 'node:fs/promises';
import { StoreError } from '../../core/errors.js';
import { writeFault } from '../../files/fault.js';
import { type ByteRange, type ByteSource, openFileBytes } from '../byteSource.js';

const partBytes = 8n * 1024n * 1024n;

/** Consecutive parts of so many bytes. */
function partsOf(sizeBytes: bigint): ByteRange[] {
  const parts: ByteRange[] = [];
  for (let offset = 0n; offset < sizeBytes; offset += partBytes) {
    const left = sizeBytes - offset;
    parts.push({ offset, length: left < partBytes ? left : partBytes });
  }
  return parts;
}

/**
 * Copies an object into a file, a part at a time, and reads it from there; the file is removed when that is closed. Rejects
 * with StoreError, which passes where this machine has no room.
 */
export async function downloaded(source: ByteSource, path: string): Promise<ByteSource> {
  const sizeBytes = await source.size();
  const parts = partsOf(sizeBytes);
  source.expect?.(parts);
  try {
    const file = await open(path, 'wx').catch((error: unknown) => {
      throw cannotKeep(source, sizeBytes, path, error);
    });
    try {
      for (const { offset, length } of parts) {
        const bytes = await source.read(offset, length);
        await file.writeFile(bytes).catch((error: unknown) => {
          throw cannotKeep(source, sizeBytes, path, error);
        });
      }
    } finally {
      await file.close();
    }
    const local = await openFileBytes(path);
    const close = async () => {
      await local.close();
      await rm(path, { force: true });
    };
    return { path: source.path, size: () => local.size(), read: (...range) => local.read(...range), close };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function cannotKeep(
  { path: address }: ByteSource,
  sizeBytes: bigint,
  path: string,
  error: unknown,
): StoreError {
  const what = `${address} has ${sizeBytes} bytes, which ${path} cannot take: ${writeFault(error, path)}; TMPDIR names another place`;
  return new StoreError(what, true, { address, path }, error);
}
