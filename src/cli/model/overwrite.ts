import { readFile, realpath } from 'node:fs/promises';
import { Option } from 'commander';
import { ConfigError } from '../../core/errors.js';
import { writeFileAtomically } from '../../files/atomicFile.js';

/** The flag of every command that makes files. */
export function forceOption(): Option {
  return new Option('--force', 'write over what exists already').default(false);
}

/** A file that a command is about to write. */
export interface NewFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
}

/**
 * Writes files that somebody may have edited since: what exists and differs stays, and nothing is written,
 * unless forced.
 *
 * Throws ConfigError `output`.
 */
export async function writeNewFiles(files: readonly NewFile[], isForced: boolean): Promise<void> {
  if (!isForced) {
    for (const { path, content } of files) {
      const found = await readFile(path).catch(() => null);
      if (found === null || found.equals(Buffer.from(content as Uint8Array))) continue;
      const remedy = 'give another name, or --force to write over it';
      throw new ConfigError('output', `${path} exists already and differs; nothing was written: ${remedy}`, {
        path,
      });
    }
  }
  for (const { path, content, mode } of files) await writeFileAtomically(path, content, mode);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [real, other] = await Promise.all([a, b].map((path) => realpath(path).catch(() => null)));
  return real !== null && real === other;
}

/** Throws ConfigError `output` if a command would write over what it reads, whatever the paths look like. */
export async function refuseSameFile(input: string, output: string): Promise<void> {
  if (!(await isSameFile(input, output))) return;
  throw new ConfigError('output', `${output} is the input itself; expected another file`, { output });
}
