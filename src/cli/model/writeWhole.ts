import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';

/** Writes a file in one step, so that nobody sees half of it. Throws ConfigError `output_unwritable`. */
export async function writeWhole(path: string, content: string, mode = 0o644): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await writeFile(partial, content);
    await chmod(partial, mode);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw new ConfigError('output_unwritable', `cannot write ${path}`, { path }, error);
  }
}
