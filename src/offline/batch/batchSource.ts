import { basename } from 'node:path';
import { nv12FramesIn } from '../../camera/nv12File.js';
import { nv12Bytes } from '../../camera/frames.js';
import { checkPictureBytes } from '../../camera/pictureFile.js';
import { ConfigError } from '../../core/errors.js';
import type { SizePx } from '../../core/geometry.js';
import { decodeText } from '../../files/textFile.js';
import type { InputOptions } from '../inputs.js';
import type { InputSource } from '../offlineInput.js';
import {
  checkRecordingName,
  metadataName,
  parseBagMetadata,
  refuseUnfinished,
} from '../recordings/bagFolder.js';
import { RecordingInput } from '../recordings/recordingInput.js';
import { knownNv12Size, nv12Source, pictureSource } from '../stillSources.js';
import type { StoredObject } from '../store/objectStore.js';
import type { BatchInput } from './batchInputs.js';
import type { ObjectReader } from './objectReader.js';

type SourceOptions = Pick<InputOptions, 'nv12Size' | 'topics'>;

/** The recordings of a folder of rosbag2, in the order that its metadata says. */
async function partsOfBag({ address, objects }: BatchInput, reader: ObjectReader): Promise<StoredObject[]> {
  const inside = new Map(objects.map((object) => [basename(object.key), object]));
  const metadata = inside.get(metadataName)!;
  const text = decodeText(await reader.whole(metadata), metadata.address);
  const names = parseBagMetadata(text, metadata.address);
  const parts = names.map((name) => {
    const part = inside.get(name);
    if (part !== undefined) return part;
    const what = `${metadata.address} names ${name}, which is not in ${address}: it has ${[...inside.keys()].join(', ')}`;
    throw new ConfigError('source', what, { address });
  });
  const unnamed = [...inside.keys()].filter((name) => name !== metadataName && !names.includes(name));
  if (unnamed.length > 0) {
    const what = `${metadata.address} names ${names.join(', ')}, but ${unnamed.join(', ')} is beside it: ros2 bag reindex takes that in, else move it elsewhere`;
    throw new ConfigError('source', what, { address });
  }
  return parts;
}

async function recording(
  { store, address }: BatchInput,
  objects: readonly StoredObject[],
  reader: ObjectReader,
  topics: SourceOptions['topics'],
): Promise<InputSource> {
  for (const object of objects) {
    checkRecordingName(object.address);
    const keyOf = (path: string) => object.key + path.slice(object.address.length);
    await refuseUnfinished(object.address, async (path) =>
      Number((await store.find(keyOf(path)))?.sizeBytes ?? 0),
    );
  }
  return RecordingInput.open({ path: address, parts: objects.map((object) => reader.file(object)), topics });
}

/** Frames of NV12, those that follow each other in common requests. */
async function nv12(
  object: StoredObject,
  reader: ObjectReader,
  nv12Size: SizePx | null,
): Promise<InputSource> {
  const { address, sizeBytes } = object;
  const size = knownNv12Size(address, nv12Size);
  const count = nv12FramesIn(address, Number(sizeBytes), size.widthPx, size.heightPx);
  const length = BigInt(nv12Bytes(size.widthPx, size.heightPx));
  const bytes = await reader.open(object);
  bytes.expect?.(Array.from({ length: count }, (_, frame) => ({ offset: BigInt(frame) * length, length })));
  return nv12Source(address, size, {
    count,
    read: (frame) => bytes.read(BigInt(frame) * length, length),
    // The range that a frame was cut from holds others, too.
    giveBack: () => {},
  });
}

/**
 * What an input of a batch gives to be segmented.
 *
 * Throws ConfigError for what cannot be, as for files of this machine, and StoreError.
 */
export async function openBatchSource(
  input: BatchInput,
  reader: ObjectReader,
  { nv12Size, topics }: SourceOptions,
): Promise<InputSource> {
  const [first] = input.objects as [StoredObject];
  switch (input.kind) {
    case 'picture':
      return pictureSource(input.address, {
        sizeBytes: async () => {
          const sizeBytes = Number(first.sizeBytes);
          checkPictureBytes(input.address, sizeBytes);
          return sizeBytes;
        },
        read: () => reader.whole(first),
      });
    case 'nv12':
      return nv12(first, reader, nv12Size);
    case 'recording':
      return recording(input, [first], reader, topics);
    case 'bag':
      return recording(input, await partsOfBag(input, reader), reader, topics);
  }
}
