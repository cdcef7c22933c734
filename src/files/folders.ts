import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { shownPath, writeFault } from './fault.js';

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Makes a folder with those above it, unless it is there.
 *
 * One level after the other: Node's `recursive` never returns where a file system, such as /proc, takes no folders.
 */
export function makeFolders(folder: string): void {
  if (isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

/** Bytes that may still be written on the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Makes sure that a folder a user named can be made and take files later; leaves things as they are.
 *
 * Throws ConfigError `output` as making it would.
 */
export function checkOutputFolder(folder: string): void {
  const made = new OutputFolder(folder);
  try {
    made.make();
  } finally {
    made.removeEmpty();
  }
}

/** A folder that a user named for files of which there may be none in the end. */
export class OutputFolder {
  readonly path: string;
  /** What was not there before, the innermost first; null until it is asked. */
  #missing: string[] | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes it with those above it, unless it is there. Throws ConfigError `output` as `makeOutputFolder` does. */
  make(): void {
    if (this.#missing === null) {
      this.#missing = [];
      for (let at = resolve(this.path); !existsSync(at); at = dirname(at)) this.#missing.push(at);
    }
    makeOutputFolder(this.path);
  }

  /** Removes what `make` made and nobody has put a file into. */
  removeEmpty(): void {
    for (const made of this.#missing ?? []) {
      if (existsSync(made) && readdirSync(made).length === 0) rmdirSync(made);
    }
  }
}

/** Makes the folder a user named for the files of a command. Throws ConfigError `output` if it cannot take files. */
export function makeOutputFolder(folder: string): void {
  const whole = folder === '' ? '' : resolve(folder);
  try {
    makeFolders(whole);
    accessSync(whole, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { path = whole, syscall } = error as NodeJS.ErrnoException;
    const what = syscall === 'access' ? 'write into' : 'make';
    throw new ConfigError(
      'output',
      `cannot ${what} the folder ${shownPath(folder)}: ${writeFault(error, path)}`,
      {
        path: folder,
      },
    );
  }
}
