import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../core/errors.js';

/** Where something is put together before it takes its name: a neighbour, so that the last step is a rename. */
export function unfinishedPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.unfinished-${process.pid}`);
}

/**
 * Writes a file in one step: the name shows the old file or the new one, never half of it.
 *
 * Throws ConfigError `output`; nothing is left then.
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const unfinished = unfinishedPath(path);
  try {
    await writeFile(unfinished, content, { flag: 'wx' });
    await chmod(unfinished, mode);
    await rename(unfinished, path);
  } catch (error) {
    // It may be that the folder itself is missing or no folder.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new ConfigError('output', `cannot write ${path === '' ? '"" (no name)' : path}`, { path }, error);
  }
}
