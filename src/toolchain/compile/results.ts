import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { writeFileAtomically } from '../../files/atomicFile.js';
import { hashOf, hashOfFile } from '../../files/contentKey.js';
import type { Workspace } from './workspace.js';

const recordName = 'results.json';

/** Hashes of the results as this command wrote them, by file name. */
async function readRecord(workspace: Workspace): Promise<Readonly<Record<string, string>>> {
  const text = await workspace.readRecord(recordName);
  if (text === null) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

/**
 * Makes sure that no file is lost that somebody else made, or has edited since, as one does with a manifest.
 *
 * Throws ConfigError `output`.
 */
export async function checkReplaceable(
  workspace: Workspace,
  paths: readonly string[],
  isForced: boolean,
): Promise<void> {
  if (isForced) return;
  const record = await readRecord(workspace);
  for (const path of paths) {
    const hash = await hashOfFile(path);
    if (hash === null || hash === record[basename(path)]) continue;
    const what = `${path} exists already and is not, or no more, what this command wrote`;
    throw new ConfigError('output', `${what}: give another folder with -o, or --force to write over it`, {
      path,
    });
  }
}

/** Removes results of an earlier run, but none that somebody else made or edited. */
export async function removeFormer(
  workspace: Workspace,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const record = await readRecord(workspace);
  for (const name of names) {
    const path = join(folder, name);
    if (record[name] !== undefined && (await hashOfFile(path)) === record[name]) await rm(path);
  }
}

/** Writes the results, each in one step, and notes what was written. */
export async function writeResults(
  workspace: Workspace,
  folder: string,
  files: readonly { readonly name: string; readonly content: string | Uint8Array }[],
): Promise<void> {
  const record = { ...(await readRecord(workspace)) };
  for (const { name, content } of files) record[name] = hashOf(content);
  // Before the files: where writing them fails, the next run may replace what is there.
  await workspace.writeRecord(recordName, JSON.stringify(record));
  for (const { name, content } of files) await writeFileAtomically(join(folder, name), content);
}
