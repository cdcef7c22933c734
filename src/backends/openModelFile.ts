import { ConfigError } from '../core/errors.js';
import { readFault, shownPath } from '../files/fault.js';
import { openRegularFileSync } from '../files/regularFile.js';

/** Returns a descriptor. Throws ConfigError `model_missing` or `model_unreadable` for a path that is no file that can be read. */
export function openModelFile(path: string): number {
  try {
    return openRegularFileSync(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const code = isMissing ? 'model_missing' : 'model_unreadable';
    throw new ConfigError(code, `model ${shownPath(path)} ${readFault(error)}`, { path });
  }
}
