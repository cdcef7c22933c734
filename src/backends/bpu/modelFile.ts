import { closeSync } from 'node:fs';
import { openModelFile } from '../openModelFile.js';

/** Throws ConfigError `model_missing` or `model_unreadable` for a path that is no file that can be read. */
export function checkModelFile(path: string): void {
  closeSync(openModelFile(path));
}
