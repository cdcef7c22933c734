import type { RangedBytes } from './rangedBytes.js';

/** An object, or a file, as a listing tells of it. */
export interface StoredObject {
  /** Inside of its store. */
  readonly key: string;
  /** Names it in messages: `s3://bucket/key`, or a path. */
  readonly address: string;
  readonly sizeBytes: bigint;
  /** Another one as soon as the content is another. */
  readonly etag: string;
}

/**
 * A place that holds inputs and takes results: a bucket, or a folder of this machine.
 *
 * Everything rejects with StoreError.
 */
export interface ObjectStore {
  /** True where each request waits for a network. */
  readonly isFar: boolean;
  /** Everything whose key begins so, in the order of the keys' bytes. */
  list(prefix: string): Promise<StoredObject[]>;
  /** Null where there is none. */
  find(key: string): Promise<StoredObject | null>;
  /** Bytes of the object as it was when it was listed. */
  open(object: StoredObject): Promise<RangedBytes>;
  /** Writes a file in one step unless there is an object of this key; false where there is one. */
  putIfAbsent(key: string, path: string): Promise<boolean>;
  addressOf(key: string): string;
}

/** A place in a store, as somebody named it. */
export interface StoreAddress {
  readonly store: ObjectStore;
  /** An object, or a folder of keys; empty for the whole store. */
  readonly prefix: string;
}
