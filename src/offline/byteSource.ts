import type { FileHandle } from 'node:fs/promises';
import { ConfigError } from '../core/errors.js';
import { readFault } from '../files/fault.js';
import { openRegularFile } from '../files/regularFile.js';

/** A part of a file. */
export interface ByteRange {
  readonly offset: bigint;
  readonly length: bigint;
}

/**
 * Bytes that are read in parts: a file, or an object of a store. Its `size` and `read` are what readers of MCAP ask for.
 *
 * Both reject with ConfigError `source`, those of a store with StoreError.
 */
export interface ByteSource {
  /** Names it in messages: a path or an address. */
  readonly path: string;
  size(): Promise<bigint>;
  /** So many bytes inside of `size`, in memory of their own, which the caller may keep. */
  read(offset: bigint, length: bigint): Promise<Uint8Array>;
  /** Tells which parts will be read next, in this order, so that a store far away can join and begin their requests. */
  expect?(parts: readonly ByteRange[]): void;
  close(): Promise<void>;
}

/** A file that is opened when it is its turn. */
export interface ByteFile {
  readonly path: string;
  /** Rejects with ConfigError `source`, or StoreError. */
  open(): Promise<ByteSource>;
}

/** The same bytes, of which none are read any more after an abort: it rejects with the reason then. */
export function untilAborted(source: ByteSource, signal: AbortSignal): ByteSource {
  return {
    path: source.path,
    size: () => source.size(),
    read: async (...range) => {
      signal.throwIfAborted();
      return source.read(...range);
    },
    expect: (parts) => source.expect?.(parts),
    close: () => source.close(),
  };
}

/** A file of this machine. */
class FileBytes implements ByteSource {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #sizeBytes: bigint;

  constructor(path: string, file: FileHandle, sizeBytes: bigint) {
    this.path = path;
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  async size(): Promise<bigint> {
    return this.#sizeBytes;
  }

  async read(offset: bigint, length: bigint): Promise<Uint8Array> {
    const bytes = new Uint8Array(Number(length));
    for (let read = 0; read < bytes.length; ) {
      const { bytesRead } = await this.#file
        .read(bytes, read, bytes.length - read, Number(offset) + read)
        .catch((error: unknown) => {
          throw new ConfigError('source', `${this.path} ${readFault(error)}`, { path: this.path });
        });
      if (bytesRead === 0) {
        const what = `${this.path} ends before byte ${offset + length}`;
        throw new ConfigError('source', what, { path: this.path });
      }
      read += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Opens a file. Throws ConfigError `source`. */
export async function openFileBytes(path: string): Promise<ByteSource> {
  try {
    const file = await openRegularFile(path);
    const { size } = await file.stat({ bigint: true });
    return new FileBytes(path, file, size);
  } catch (error) {
    throw new ConfigError('source', `${path} ${readFault(error)}`, { path });
  }
}
