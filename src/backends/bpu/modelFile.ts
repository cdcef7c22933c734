import { statSync } from 'node:fs';
import { ConfigError } from '../../core/errors.js';

/** Throws ConfigError `model_missing` or `model_unreadable` for a path that is no file. */
export function checkModelFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new ConfigError('model_missing', `model ${path} does not exist`, { path });
  if (!found.isFile()) throw new ConfigError('model_unreadable', `model ${path} is not a file`, { path });
}
