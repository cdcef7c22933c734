import { ConfigError } from '../../core/errors.js';
import { isRecordingName } from '../recordings/bagFolder.js';
import type { ObjectStore, StoredObject } from '../store/objectStore.js';
import type { Stores } from '../store/openStore.js';
import { isInShard, type Shard } from './shard.js';

/** A recording that is to be segmented. */
export interface BatchInput {
  readonly store: ObjectStore;
  readonly object: StoredObject;
  /** Its place inside of what was given, without the suffix. */
  readonly name: string;
}

function isRecording({ key }: StoredObject): boolean {
  return isRecordingName(key.slice(key.lastIndexOf('/') + 1));
}

async function recordingsAt(text: string, stores: Stores): Promise<BatchInput[]> {
  const { store, prefix } = await stores.input(text);
  const one = prefix === '' || prefix.endsWith('/') ? null : await store.find(prefix);
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const objects = one === null ? (await store.list(folder)).filter(isRecording) : [one];
  if (one !== null && !isRecording(one))
    throw new ConfigError('arguments', `${one.address} is no recording: expected .mcap or .db3`, {});
  const first = one === null ? folder.length : prefix.lastIndexOf('/') + 1;
  if (objects.length === 0)
    throw new ConfigError('source', `${text} has no recordings (.mcap, .db3)`, { text });
  return objects.map((object) => ({
    store,
    object,
    name: object.key.slice(first).replace(/\.[^./]*$/, ''),
  }));
}

/**
 * The recordings of some addresses, objects or folders of them, that are this worker's: each once, in the order of the addresses.
 *
 * Throws ConfigError `source` where there are none at one of them, for all workers alike, and StoreError.
 */
export async function listBatch(
  texts: readonly string[],
  stores: Stores,
  shard: Shard | null,
): Promise<BatchInput[]> {
  const byAddress = new Map<string, BatchInput>();
  for (const text of texts) {
    for (const input of await recordingsAt(text, stores))
      if (!byAddress.has(input.object.address)) byAddress.set(input.object.address, input);
  }
  const all = [...byAddress.values()];
  return shard === null ? all : all.filter(({ object }) => isInShard(object.address, shard));
}
