import { basename, dirname } from 'node:path/posix';
import { isPictureName, pictureKinds } from '../../camera/pictureNames.js';
import { ConfigError } from '../../core/errors.js';
import type { SizePx } from '../../core/geometry.js';
import { counted } from '../../core/words.js';
import { isCompressedRecordingName, isRecordingName, metadataName } from '../recordings/bagFolder.js';
import { isNv12Name, knownNv12Size } from '../stillSources.js';
import type { ObjectStore, StoreAddress, StoredObject } from '../store/objectStore.js';
import type { Stores } from '../store/openStore.js';
import { isVideoName } from '../video/videoInput.js';

/** What is to be segmented, into one result. */
export interface BatchInput {
  readonly store: ObjectStore;
  /** Of the object, or of a folder that rosbag2 wrote. Names it in messages and chooses its shard. */
  readonly address: string;
  /** Its place inside of what was given, without the suffix. */
  readonly name: string;
  readonly kind: 'picture' | 'nv12' | 'recording' | 'bag';
  /** One; of a folder of rosbag2 its metadata and all of its recordings, in the order of their keys. */
  readonly objects: readonly StoredObject[];
}

/** What some addresses stand for. */
export interface BatchInputs {
  /** In the order of the addresses, each once. */
  readonly inputs: readonly BatchInput[];
  /** What might have been meant and is not taken, in words. */
  readonly remarks: readonly string[];
}

const kinds = `pictures (${pictureKinds}), files of NV12 frames (.nv12), recordings (.mcap, .db3) or folders of rosbag2`;

const nameOf = ({ key }: StoredObject) => basename(key);

function isRecording(object: StoredObject): boolean {
  return isRecordingName(nameOf(object)) || isCompressedRecordingName(nameOf(object));
}

function kindOf(object: StoredObject): 'picture' | 'nv12' | 'recording' | null {
  if (isRecording(object)) return 'recording';
  if (isPictureName(nameOf(object))) return 'picture';
  return isNv12Name(nameOf(object)) ? 'nv12' : null;
}

/** Of the folders of some objects those that rosbag2 wrote: its metadata and recordings, by the folder's key. */
function bagFolders(objects: readonly StoredObject[]): Map<string, StoredObject[]> {
  const folders = new Map<string, StoredObject[]>();
  for (const object of objects) {
    if (!isRecording(object) && nameOf(object) !== metadataName) continue;
    const folder = dirname(object.key);
    const inside = folders.get(folder);
    if (inside === undefined) folders.set(folder, [object]);
    else inside.push(object);
  }
  const isBag = (inside: StoredObject[]) =>
    inside.some(isRecording) && inside.some((object) => nameOf(object) === metadataName);
  return new Map([...folders].filter(([, inside]) => isBag(inside)));
}

function bagInput(store: ObjectStore, folder: string, prefix: string, objects: StoredObject[]): BatchInput {
  const key = folder === '.' ? '' : folder;
  const address = store.addressOf(key);
  // The folder that was given is called as it is.
  return { store, address, name: key.slice(prefix.length) || basename(address), kind: 'bag', objects };
}

function objectInput(
  store: ObjectStore,
  object: StoredObject,
  kind: BatchInput['kind'],
  prefixLength: number,
) {
  const name = object.key.slice(prefixLength).replace(/\.[^./]*$/, '');
  return { store, address: object.address, name, kind, objects: [object] };
}

/** @param text As somebody named the folder. @param prefix Its key, with the slash behind it. */
async function inputsBelow(
  text: string,
  store: ObjectStore,
  prefix: string,
  nv12Size: SizePx | null,
): Promise<BatchInputs> {
  const objects = await store.list(prefix);
  const bags = bagFolders(objects);
  const inputs: BatchInput[] = [];
  let [videos, unsized] = [0, 0];
  for (const object of objects) {
    const folder = dirname(object.key);
    const bag = bags.get(folder);
    const kind = kindOf(object);
    if (bag !== undefined) {
      if (object === bag[0]) inputs.push(bagInput(store, folder, prefix, bag));
    } else if (kind === 'nv12' && nv12Size === null) unsized++;
    else if (kind !== null) inputs.push(objectInput(store, object, kind, prefix.length));
    else if (isVideoName(nameOf(object))) videos++;
  }
  const remarks = [
    ...(videos > 0
      ? [`${text}: left out ${counted(videos, 'video')}: they are segmented from files alone`]
      : []),
    ...(unsized > 0
      ? [`${text}: left out ${counted(unsized, '.nv12 file')}: give --width and --height`]
      : []),
  ];
  if (inputs.length > 0) return { inputs, remarks };
  const ofPattern = /[*?[]/.test(text) ? ['patterns are for files of this machine'] : [];
  const what = [`${text} has no ${kinds}`, ...ofPattern, ...remarks].join('; ');
  throw new ConfigError('source', what, { text });
}

async function inputsAt(text: string, stores: Stores, nv12Size: SizePx | null): Promise<BatchInputs> {
  const { store, prefix } = await stores.input(text);
  const isFolder = prefix === '' || prefix.endsWith('/');
  const object = isFolder ? null : await store.find(prefix);
  if (object === null) return inputsBelow(text, store, isFolder ? prefix : `${prefix}/`, nv12Size);
  const kind = kindOf(object);
  if (kind === null)
    throw new ConfigError('arguments', `${object.address} is no input of a batch: expected ${kinds}`, {});
  if (kind === 'nv12') knownNv12Size(object.address, nv12Size);
  return { inputs: [objectInput(store, object, kind, prefix.lastIndexOf('/') + 1)], remarks: [] };
}

/**
 * The inputs at some addresses, of objects or of folders of them, for all workers alike.
 *
 * Throws ConfigError `source` where there are none at one of them, `arguments` for an object that is none, and StoreError.
 *
 * @param nv12Size Of the frames of `.nv12` files, which are left out of folders where it is null.
 */
export async function listBatch(
  texts: readonly string[],
  stores: Stores,
  nv12Size: SizePx | null,
): Promise<BatchInputs> {
  const byAddress = new Map<string, BatchInput>();
  const remarks: string[] = [];
  for (const text of texts) {
    const found = await inputsAt(text, stores, nv12Size);
    remarks.push(...found.remarks);
    for (const input of found.inputs) if (!byAddress.has(input.address)) byAddress.set(input.address, input);
  }
  return { inputs: [...byAddress.values()], remarks };
}

/**
 * Throws ConfigError `arguments` where results lie below one of the addresses, so that the next run would take them for inputs.
 *
 * @param form To be told.
 */
export async function refuseResultsAmongInputs(
  texts: readonly string[],
  stores: Stores,
  out: StoreAddress,
  form: string,
): Promise<void> {
  const folderOf = ({ store, prefix }: StoreAddress) => `${store.addressOf(prefix).replace(/\/$/, '')}/`;
  for (const text of texts) {
    if (!folderOf(out).startsWith(folderOf(await stores.input(text)))) continue;
    const what = `--out ${folderOf(out)} lies below ${text}: results of --forms ${form} would be inputs of the next run; choose a folder beside it`;
    throw new ConfigError('arguments', what, { text, form });
  }
}
