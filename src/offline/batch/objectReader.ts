import { basename, join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import type { ByteFile, ByteSource } from '../byteSource.js';
import { isSqliteName } from '../recordings/bagFolder.js';
import { scratchFolder } from './scratchFolder.js';
import { downloaded } from '../store/download.js';
import type { ObjectStore, StoredObject } from '../store/objectStore.js';
import type { RangedBytes, ReadCost } from '../store/rangedBytes.js';

/** Reads the objects of one input, and counts what that costs. */
export class ObjectReader {
  readonly #store: ObjectStore;
  readonly #scratch: string;
  readonly #bytes: RangedBytes[] = [];
  readonly #open = new Set<ByteSource>();

  /** @param scratch Folder for what cannot be read in parts from far away. */
  constructor(store: ObjectStore, scratch: string) {
    this.#store = store;
    this.#scratch = scratch;
  }

  /** So far, of all objects together. */
  get cost(): ReadCost {
    const sum = (field: keyof ReadCost) => this.#bytes.reduce((all, { cost }) => all + cost[field], 0);
    return { requests: sum('requests'), bytes: sum('bytes'), askedBytes: sum('askedBytes') };
  }

  /** Stays open until the reader is closed. Rejects with StoreError. */
  async open(object: StoredObject): Promise<ByteSource> {
    const bytes = await this.#store.open(object);
    this.#bytes.push(bytes);
    this.#open.add(bytes);
    return bytes;
  }

  /** All bytes of an object. Rejects with StoreError, and with ConfigError `source` for one that memory is too small for. */
  async whole(object: StoredObject): Promise<Uint8Array> {
    const { address, sizeBytes } = object;
    if (sizeBytes > limits.recordingPartBytes) {
      const what = `${address} has ${sizeBytes} bytes; at most ${limits.recordingPartBytes} are read at once`;
      throw new ConfigError('source', what, { address });
    }
    const bytes = await this.open(object);
    try {
      return await bytes.read(0n, sizeBytes);
    } finally {
      await this.#close(bytes);
    }
  }

  /**
   * A file of a recording, which is opened twice, to look what is in it and to be read: what was read for the one serves the
   * other. SQLite asks for pages all over its file, hundreds of times for each part that a request could bring: from afar it
   * is copied first.
   */
  file(object: StoredObject): ByteFile {
    let source: Promise<ByteSource> | null = null;
    let isLooked = false;
    const open = async (): Promise<ByteSource> => {
      source ??= this.#store.isFar && isSqliteName(object.key) ? this.#copied(object) : this.open(object);
      const opened = await source;
      const close = async () => {
        if (isLooked) {
          source = null;
          await this.#close(opened);
        }
        isLooked = true;
      };
      return {
        path: object.address,
        size: () => opened.size(),
        read: (...range) => opened.read(...range),
        expect: (parts) => opened.expect?.(parts),
        close,
      };
    };
    return { path: object.address, open };
  }

  async close(): Promise<void> {
    for (const source of this.#open) await this.#close(source);
  }

  async #copied(object: StoredObject): Promise<ByteSource> {
    const bytes = await this.open(object);
    const folder = await scratchFolder(this.#scratch, 'copy-');
    const copy = await downloaded(bytes, join(folder, basename(object.key)));
    await this.#close(bytes);
    this.#open.add(copy);
    return copy;
  }

  async #close(source: ByteSource): Promise<void> {
    if (this.#open.delete(source)) await source.close();
  }
}
