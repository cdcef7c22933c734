import { randomBytes } from 'node:crypto';
import { copyFile, link, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { StoreError } from '../../core/errors.js';
import { unfinishedPath } from '../../files/atomicFile.js';
import { isDiskFull, readFault, shownPath, writeFault } from '../../files/fault.js';
import { makeFolders } from '../../files/folders.js';
import type { ObjectStore, StoredObject } from './objectStore.js';
import { RangedBytes } from './rangedBytes.js';

/** What fails because a disk or a network file system does, not because something is not there or not allowed. */
const temporaryCodes = ['EIO', 'ESTALE', 'ETIMEDOUT', 'EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE'];

function isTemporary(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return temporaryCodes.includes(code) || isDiskFull(error);
}

function cannotRead(path: string, error: unknown): StoreError {
  return new StoreError(`${shownPath(path)} ${readFault(error)}`, isTemporary(error), { path }, error);
}

function inOrder(a: StoredObject, b: StoredObject): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

/** A folder of this machine; keys are the paths of files in it. */
export class LocalStore implements ObjectStore {
  readonly isFar = false;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  addressOf(key: string): string {
    return join(this.#folder, key);
  }

  async list(prefix: string): Promise<StoredObject[]> {
    // A prefix that ends inside of a name begins in the folder above.
    const folder = resolve(this.#folder, prefix.slice(0, prefix.lastIndexOf('/') + 1));
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        throw cannotRead(folder, error);
      },
    );
    const keys = entries
      // What is unfinished has a dot before its name.
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)))
      .filter((key) => key.startsWith(prefix));
    const found = await Promise.all(keys.map((key) => this.find(key)));
    return found.filter((object) => object !== null).sort(inOrder);
  }

  async find(key: string): Promise<StoredObject | null> {
    const address = this.addressOf(key);
    try {
      const found = await stat(address, { bigint: true });
      if (!found.isFile()) return null;
      return { key, address, sizeBytes: found.size, etag: `${found.mtimeNs}-${found.size}` };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw cannotRead(address, error);
    }
  }

  async open({ address, sizeBytes, etag }: StoredObject): Promise<RangedBytes> {
    const file = await open(address, 'r').catch((error: unknown) => {
      throw cannotRead(address, error);
    });
    const fetch = async (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      try {
        for (let read = 0; read < length; ) {
          const { bytesRead } = await file.read(bytes, read, length - read, offset + read);
          if (bytesRead === 0) break;
          read += bytesRead;
        }
        const { mtimeNs, size } = await file.stat({ bigint: true });
        if (`${mtimeNs}-${size}` === etag) return bytes;
      } catch (error) {
        throw cannotRead(address, error);
      }
      throw new StoreError(`${address} was changed while it was read: run again`, true, { address });
    };
    return new RangedBytes(address, sizeBytes, fetch, () => file.close());
  }

  async putIfAbsent(key: string, path: string): Promise<boolean> {
    const target = this.addressOf(key);
    // Workers in containers share a folder, and have the same process number.
    const unfinished = `${unfinishedPath(target)}-${randomBytes(4).toString('hex')}`;
    try {
      makeFolders(dirname(target));
      await copyFile(path, unfinished);
      // Unlike a rename it leaves what is there.
      await link(unfinished, target);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      const what = `cannot write ${target}: ${writeFault(error, target)}`;
      throw new StoreError(what, isTemporary(error), { path: target }, error);
    } finally {
      await rm(unfinished, { force: true }).catch(() => undefined);
    }
  }
}
