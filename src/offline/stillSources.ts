import { basename, extname } from 'node:path';
import { ConfigError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { pictureFileBytes, readPictureFile } from '../camera/pictureFile.js';
import {
  type InputSource,
  type Nv12Input,
  numberedName,
  type OfflineInput,
  type PictureInput,
} from './offlineInput.js';

/** True for the name of a file of NV12 frames, one behind the other. */
export function isNv12Name(name: string): boolean {
  return extname(name).toLowerCase() === '.nv12' && !name.startsWith('.');
}

/** The size that somebody gave for the frames of a file. Throws ConfigError `arguments` where nobody did. */
export function knownNv12Size(path: string, size: SizePx | null): SizePx {
  if (size !== null) return size;
  const what = `${path} holds bare NV12, which does not say its size: give --width and --height`;
  throw new ConfigError('arguments', what, { path });
}

/** A picture, wherever its file is. @param path Names it. @param file As an input of this kind is read. */
export function pictureSource(path: string, file: Pick<PictureInput, 'sizeBytes' | 'read'>): InputSource {
  const name = basename(path, extname(path));
  return {
    path,
    name,
    kind: 'picture',
    frameNames: [name],
    isOneTopic: true,
    topics: [],
    frameCount: 1,
    remarks: [],
    frames: () => [{ kind: 'picture', path, name, ...file }],
  };
}

/** A picture in a file of this machine. */
export function pictureFileSource(path: string): InputSource {
  return pictureSource(path, { sizeBytes: () => pictureFileBytes(path), read: () => readPictureFile(path) });
}

/** Frames of NV12 in a file, wherever it is. */
export interface Nv12Frames extends Pick<Nv12Input, 'giveBack'> {
  readonly count: number;
  /** As an input of this kind is read. @param frame Counts from 0. */
  read(frame: number): Promise<Uint8Array>;
}

/** Frames of NV12 as inputs. @param path Names them. */
export function nv12Source(path: string, size: SizePx, { count, read, giveBack }: Nv12Frames): InputSource {
  const name = basename(path, extname(path));
  const nameOf = (frame: number) => (count === 1 ? name : numberedName(name, frame));
  function* frames(): Generator<OfflineInput> {
    for (let frame = 0; frame < count; frame++)
      yield { kind: 'nv12', path, name: nameOf(frame), frame, ...size, read: () => read(frame), giveBack };
  }
  return {
    path,
    name,
    kind: 'nv12',
    frameNames: [count === 1 ? name : `${name}_#`],
    isOneTopic: true,
    topics: [],
    frameCount: count,
    remarks: [],
    frames,
  };
}
