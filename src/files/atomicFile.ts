import { createHash } from 'node:crypto';
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { shownPath, writeFault } from './fault.js';

/** Longer names stand as their hash in that of what is unfinished, so that this does not become too long itself. */
const longestNameBytes = 200;

/** Where something is put together before it takes its name: a neighbour, so that the last step is a rename. */
export function unfinishedPath(path: string): string {
  return join(dirname(path), `${unfinishedPrefix(path)}${process.pid}`);
}

/** What the name of everything unfinished of this path begins with; the number of the process that makes it follows. */
export function unfinishedPrefix(path: string): string {
  const name = basename(path);
  const isLong = Buffer.byteLength(name) > longestNameBytes;
  const shown = isLong ? createHash('sha256').update(name).digest('hex') : name;
  return `.${shown}.unfinished-`;
}

/**
 * Where a link leads, so that it stays one.
 *
 * Throws ConfigError `output` for a folder, and for a device or pipe, which a rename would replace by a file.
 */
async function targetOf(path: string): Promise<string> {
  const target = await realpath(path).catch(() => path);
  const found = await stat(target).catch(() => null);
  if (found === null || found.isFile()) return target;
  const what = found.isDirectory() ? 'a folder' : 'no file but a device or pipe';
  throw new ConfigError('output', `cannot write ${path}: it is ${what}; expected a file`, { path });
}

/**
 * Writes a file in one step: the name shows the old file or the new one, never half of it.
 *
 * Throws ConfigError `output`; nothing is left then.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const target = await targetOf(path);
  const unfinished = unfinishedPath(target);
  try {
    await writeFile(unfinished, content, { flag: 'wx' });
    await chmod(unfinished, mode);
    await rename(unfinished, target);
  } catch (error) {
    // It may be that the folder itself is missing or no folder.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}

/** What was put together at the `unfinishedPath` of a name takes it. Throws ConfigError `output`; nothing unfinished is left then. */
export async function takeName(path: string): Promise<void> {
  const unfinished = unfinishedPath(path);
  try {
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw cannotWrite(path, error);
  }
}

/** The fault with which writing the file of this name failed, as ConfigError `output` with Node's code of it as `systemCode`. */
export function cannotWrite(path: string, error: unknown): ConfigError {
  const { code: systemCode } = error as NodeJS.ErrnoException;
  const what = `cannot write ${shownPath(path)}: ${writeFault(error, path)}`;
  return new ConfigError('output', what, { path, systemCode });
}

/**
 * Makes sure that a file of this name can be written later, where work would be lost otherwise.
 *
 * Throws ConfigError `output` as writing it would.
 */
export async function checkWritable(path: string): Promise<void> {
  const unfinished = unfinishedPath(await targetOf(path));
  try {
    await writeFile(unfinished, '', { flag: 'wx' });
    await rm(unfinished);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
