import { realpath } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [real, other] = await Promise.all([a, b].map((path) => realpath(path).catch(() => null)));
  return real !== null && real === other;
}

/** Throws ConfigError `output` if a command would write over what it reads, whatever the paths look like. */
export async function refuseSameFile(input: string, output: string): Promise<void> {
  if (!(await isSameFile(input, output))) return;
  throw new ConfigError('output', `${output} is the input itself; expected another file`, { output });
}
