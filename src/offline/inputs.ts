import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { nv12Bytes } from '../camera/frames.js';
import { nv12FrameCount, readNv12Frame } from '../camera/nv12File.js';
import { isPictureName, pictureKinds, readPictureNames } from '../camera/pictureNames.js';
import { ConfigError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { byName } from '../core/words.js';
import { readFault, shownPath } from '../files/fault.js';
import { openFileBytes } from './byteSource.js';
import { FrameBuffers } from './frameBuffers.js';
import type { InputSource } from './offlineInput.js';
import {
  checkRecordingFile,
  isBagFolder,
  isCompressedRecordingName,
  isRecordingName,
  readBagFiles,
  recordingName,
} from './recordings/bagFolder.js';
import { RecordingInput } from './recordings/recordingInput.js';
import { isNv12Name, knownNv12Size, nv12Source, pictureFileSource } from './stillSources.js';
import { isVideoName, videoKinds, videoSource } from './video/videoInput.js';

/** More of them are left to the user's pattern. */
const mostBagsNamed = 4;

/** What the arguments stand for. */
export interface OfflineInputs {
  readonly sources: readonly InputSource[];
  /** What folders hold beside their pictures, told and left out. */
  readonly leftOut: readonly { readonly folder: string; readonly what: string }[];
}

/** How files are to be read. */
export interface InputOptions {
  /** Of the frames of `.nv12` files. */
  readonly nv12Size: SizePx | null;
  /** The topics of recordings; null for all with pictures. */
  readonly topics: readonly string[] | null;
  /** Name or path of the program that decodes videos. */
  readonly ffmpeg: string;
}

/** A recording of which nothing can be read. */
interface LostSource extends InputSource {
  readonly fault: ConfigError;
}

function lostSource(path: string, fault: ConfigError): LostSource {
  const name = recordingName(path);
  return {
    path,
    name,
    frameNames: [`${name}.mcap`],
    kind: 'recording',
    isOneTopic: false,
    topics: [],
    frameCount: 1,
    remarks: [],
    frames: () => [{ kind: 'lost', path, name, fault }],
    fault,
  };
}

/** @param filesOf Of the recording; a file is one by itself. */
async function recordingSource(
  path: string,
  topics: InputOptions['topics'],
  filesOf: () => Promise<readonly string[]> = async () => [path],
): Promise<InputSource | LostSource> {
  try {
    const files = await filesOf();
    for (const file of files) await checkRecordingFile(file);
    const parts = files.map((file) => ({ path: file, open: () => openFileBytes(file) }));
    return await RecordingInput.open({ path, parts, topics });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return lostSource(path, error);
  }
}

async function nv12FileSource(
  path: string,
  given: SizePx | null,
  buffers: FrameBuffers,
): Promise<InputSource> {
  const size = knownNv12Size(path, given);
  const count = await nv12FrameCount(path, size.widthPx, size.heightPx);
  const sizeBytes = nv12Bytes(size.widthPx, size.heightPx);
  return nv12Source(path, size, {
    count,
    read: (frame) => readNv12Frame(path, size.widthPx, size.heightPx, frame, buffers.take(sizeBytes)),
    giveBack: (bytes) => buffers.giveBack(bytes),
  });
}

/** How files are read, and the memory that they share. */
interface ReadingOptions extends InputOptions {
  readonly buffers: FrameBuffers;
}

/** A single file by its name; null for what is no input. */
async function fileSource(path: string, options: ReadingOptions): Promise<InputSource | LostSource | null> {
  const name = basename(path);
  if (isNv12Name(name)) return nv12FileSource(path, options.nv12Size, options.buffers);
  if (isPictureName(name)) return pictureFileSource(path);
  if (isVideoName(name)) return videoSource(path, options.ffmpeg);
  return isRecordingName(name) || isCompressedRecordingName(name)
    ? recordingSource(path, options.topics)
    : null;
}

/** What to say of a folder without inputs of its own, but with recordings of rosbag2 in it; null where there is none. */
async function bagsInside(folder: string): Promise<ConfigError | null> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.sort(byName).map((name) => isBagFolder(join(folder, name))));
  const bags = names.filter((_, index) => found[index]).map((name) => join(folder, name));
  if (bags.length === 0) return null;
  const given = bags.slice(0, mostBagsNamed).join(' ') + (bags.length > mostBagsNamed ? ' ...' : '');
  const what = `${folder} is no recording but holds ${bags.length === 1 ? 'one' : bags.length}: give ${given}`;
  return new ConfigError('source', what, { folder, bags: bags.length });
}

/** What a folder holds: one recording of rosbag2, or pictures, videos and recordings of a file each. */
async function folderSources(folder: string, options: ReadingOptions) {
  if (await isBagFolder(folder))
    return {
      sources: [await recordingSource(folder, options.topics, () => readBagFiles(folder))],
      leftOut: null,
    };
  const { names, leftOut } = await readPictureNames(
    folder,
    (name) => isRecordingName(name) || isVideoName(name),
  ).catch(async (error: unknown) => {
    throw (await bagsInside(folder)) ?? error;
  });
  const sources: InputSource[] = [];
  for (const name of names) sources.push((await fileSource(join(folder, name), options))!);
  return { sources, leftOut };
}

/** Throws where nothing that was given can be read. */
function refuseLost(sources: readonly (InputSource | LostSource)[]): void {
  const faults = sources.map((source) => ('fault' in source ? source.fault : null));
  const [first = null] = faults;
  if (first !== null && !faults.includes(null)) throw first;
}

function sameName(one: string, other: string, name: string): ConfigError {
  const what = `${one} and ${other} would both give results named ${name}: segment them into folders of their own`;
  return new ConfigError('arguments', what, { name });
}

/** Throws for two inputs whose results would have the same name. */
function refuseSameNames(sources: readonly InputSource[]): void {
  const pathOfName = new Map<string, string>();
  const names = sources.flatMap(({ frameNames, path }) => frameNames.map((name) => ({ name, path })));
  for (const { name, path } of names) {
    const other = pathOfName.get(name);
    if (other === path) throw new ConfigError('arguments', `${path} is given twice`, { name });
    if (other !== undefined) throw sameName(other, path, name);
    pathOfName.set(name, path);
  }
  for (const { name, path } of names) {
    const numbered = pathOfName.get(name.replace(/_\d{6,}$/, '_#'));
    if (numbered !== undefined && numbered !== path) throw sameName(numbered, path, name);
  }
}

/** What file systems of Linux take, and the longest of what is put behind the name of an input. */
const longestNameBytes = 255 - '.json'.length;

/** Throws ConfigError `arguments` for inputs that name results as no file can be called. */
export function refuseLongNames(sources: readonly InputSource[]): void {
  for (const { frameNames, path } of sources) {
    const name = frameNames.find((one) => Buffer.byteLength(one) > longestNameBytes);
    if (name === undefined) continue;
    const what = `${path} has a name of ${Buffer.byteLength(name)} bytes, of which results take at most ${longestNameBytes} and their ending: rename it`;
    throw new ConfigError('arguments', what, { path });
  }
}

/**
 * The frames of files and folders: pictures, `.nv12` files, videos and recordings; of a folder
 * what is in it of pictures, videos and recordings, or the one recording that it is.
 *
 * Throws ConfigError `source` for what cannot be read or is neither, `nv12_size` for a file that is no whole number of
 * frames, `arguments` where a size is missing, a topic is not there, two results would have one name or one too long.
 * A recording that cannot be read is an input that is lost, and refused only where all are.
 */
export async function listInputs(paths: readonly string[], how: InputOptions): Promise<OfflineInputs> {
  const options: ReadingOptions = { ...how, buffers: new FrameBuffers() };
  const sources: InputSource[] = [];
  const leftOut: OfflineInputs['leftOut'][number][] = [];
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw new ConfigError('source', `${shownPath(path)} ${readFault(error)}`, { path });
    });
    if (found.isDirectory()) {
      const folder = await folderSources(path, options);
      for (const source of folder.sources) sources.push(source);
      if (folder.leftOut !== null) leftOut.push({ folder: path, what: folder.leftOut });
      continue;
    }
    const source = await fileSource(path, options);
    if (source === null) {
      const what = `${path} is neither a picture (${pictureKinds}), nor a file of NV12 frames (.nv12), nor a video (${videoKinds}), nor a recording (.mcap, .db3)`;
      throw new ConfigError('source', what, { path });
    }
    sources.push(source);
  }
  refuseSameNames(sources);
  refuseLost(sources);
  refuseLongNames(sources);
  return { sources, leftOut };
}
