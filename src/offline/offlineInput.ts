import type { ConfigError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import type { RecordedMessage } from './recordings/recordingFile.js';
import type { VideoFrame } from './video/videoFrames.js';

interface Named {
  /** Of the file. */
  readonly path: string;
  /** Names what is made of it; no other input has it. */
  readonly name: string;
}

/** A picture in a file of its own. */
export interface PictureInput extends Named {
  readonly kind: 'picture';
  /** Of its file. Rejects with ConfigError `source`. */
  sizeBytes(): Promise<number>;
  /** The bytes of its file. Rejects with ConfigError `source`, or StoreError. */
  read(): Promise<Uint8Array>;
}

/** Which frame of a file of NV12, and the size of these. */
export interface Nv12Input extends Named, SizePx {
  readonly kind: 'nv12';
  readonly frame: number;
  /** The bytes of this frame. Rejects with ConfigError `source`, or StoreError. */
  read(): Promise<Uint8Array>;
  /** Takes the bytes back, once, when nobody reads them any more; callers need not do it. */
  giveBack(bytes: Uint8Array): void;
}

/** A message of a recording. */
export interface MessageInput extends Named, RecordedMessage {
  readonly kind: 'message';
}

/** A picture of a video, and which it is. */
export interface VideoInput extends Named, VideoFrame {
  readonly kind: 'video';
  readonly number: number;
}

/** A part of a recording or a video that cannot be read. */
interface LostInput extends Named {
  readonly kind: 'lost';
  readonly fault: ConfigError;
}

/** One frame of a file. */
export type OfflineInput = PictureInput | Nv12Input | MessageInput | VideoInput | LostInput;

/** Frames that come from one place, one after the other. */
export interface InputSource {
  /** Of the file or folder. */
  readonly path: string;
  /** Names what is made of all of it. */
  readonly name: string;
  /** The names of its frames, with # for their numbers. */
  readonly frameNames: readonly string[];
  readonly kind: 'picture' | 'nv12' | 'recording' | 'video';
  /** True where all its frames come from one camera, as far as is known before they are read. */
  readonly isOneTopic: boolean;
  /** The topics of a recording that are taken, by name, as far as they are known before it is read; none of other sources. */
  readonly topics: readonly string[];
  /** Null where they have to be read to be counted. */
  readonly frameCount: number | null;
  /** To be told before it is read. */
  readonly remarks: readonly string[];
  /**
   * Rejects where nothing more of it can be read.
   *
   * @param signal After an abort what waits for another program ends, and what reads a long file rejects before it reads on.
   */
  frames(signal?: AbortSignal): AsyncIterable<OfflineInput> | Iterable<OfflineInput>;
}

/** True where what is written of all frames of a source is a file of its own; pictures share one. */
export function hasOwnFile({ kind }: InputSource): boolean {
  return kind === 'recording' || kind === 'video';
}

const digitsOfNumber = 6;

/** `NAME_000012`: what is made of one of many frames is called so. */
export function numberedName(name: string, number: number): string {
  return `${name}_${String(number).padStart(digitsOfNumber, '0')}`;
}
