import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Room, roomOf } from '../files/sharedMemoryRoom.js';

/** What the checks of a machine look at; tests lay a made-up board's files into a folder and name it the root. */
export interface Machine {
  /** What `/proc`, `/sys`, `/etc`, `/opt` and `/dev/shm` lie in. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** As `process.version`. */
  readonly nodeVersion: string;
  /** As `process.arch`. */
  readonly architecture: string;
  /** Room of the file system that holds a folder; null where there is no such folder. */
  readonly roomOf: (folder: string) => Room | null;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    root: '/',
    env: process.env,
    nodeVersion: process.version,
    architecture: process.arch,
    roomOf,
  };
}

/** A short text of the system without the zeros and white space around it; null where it cannot be read or is empty. */
export function readSystemText({ root }: Machine, path: string): string | null {
  try {
    const text = readFileSync(join(root, path), 'utf8').replaceAll('\0', '').trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

/** `/etc/version`: a path as the user knows it, whatever the root is. */
export const systemPath = (path: string) => `/${path}`;
