import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { LocalStore } from './localStore.js';
import type { ObjectStore, StoreAddress } from './objectStore.js';
import { S3Store } from './s3Store.js';

/** True for the address of an object or of a part of a bucket. */
export function isStoreAddress(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

/** Throws ConfigError `arguments`. */
function parseAddress(text: string): { bucket: string; key: string } {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/i.exec(text) ?? [];
  if (bucket !== undefined) return { bucket, key };
  const what = `${text} is no address of a store: expected s3://BUCKET/KEY or s3://BUCKET/FOLDER/`;
  throw new ConfigError('arguments', what, { address: text });
}

/** Opens each bucket once. */
export class Stores {
  readonly #buckets = new Map<string, Promise<ObjectStore>>();

  /** What is read: an object, or all that a folder holds. Throws ConfigError `arguments`. */
  async input(text: string): Promise<StoreAddress> {
    if (isStoreAddress(text)) return this.#bucket(text);
    const path = resolve(text);
    const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
    if (isFolder) return { store: new LocalStore(path), prefix: '' };
    return { store: new LocalStore(dirname(path)), prefix: basename(path) };
  }

  /** Where results go: a folder, of a bucket or of this machine. Throws ConfigError `arguments`. */
  async output(text: string): Promise<StoreAddress> {
    if (!isStoreAddress(text)) return { store: new LocalStore(resolve(text)), prefix: '' };
    const { store, prefix } = await this.#bucket(text);
    return { store, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
  }

  async #bucket(text: string): Promise<StoreAddress> {
    const { bucket, key } = parseAddress(text);
    let store = this.#buckets.get(bucket);
    if (store === undefined) {
      store = S3Store.open(bucket);
      this.#buckets.set(bucket, store);
    }
    return { store: await store, prefix: key };
  }
}
