import { existsSync, readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../../core/errors.js';
import { type Manifest, parseManifest } from '../../model/manifest.js';

/** Throws ConfigError `model_missing` or `model_unreadable` for a path that is no file. */
export function checkModelFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new ConfigError('model_missing', `model ${path} does not exist`, { path });
  if (!found.isFile()) throw new ConfigError('model_unreadable', `model ${path} is not a file`, { path });
}

/** `NAME.yaml` for `NAME.bin`. */
export function manifestPath(modelPath: string): string {
  return `${modelPath.replace(/\.[^./]*$/, '')}.yaml`;
}

/**
 * The manifest beside a model; null where there is none. Throws ModelContractError `manifest`, ConfigError
 * `model_unreadable`.
 */
export function readManifest(modelPath: string): Manifest | null {
  const path = manifestPath(modelPath);
  if (!existsSync(path)) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError('model_unreadable', `model manifest ${path} cannot be read`, { path }, error);
  }
  return parseManifest(text, path);
}
