import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError, ModelContractError } from '../core/errors.js';
import { readFault } from '../files/fault.js';
import { decodeText } from '../files/textFile.js';
import { parseNameLines } from '../model/classNames.js';
import type { HeadHints } from '../model/heads.js';
import { namesOnly, parseManifest } from '../model/manifest.js';
import type { ClassScores } from '../model/splitHeads.js';

/** A manifest with the names of the file it may point to. */
export interface ReadManifest extends HeadHints {
  readonly classNames: readonly string[] | null;
  readonly classScores: ClassScores | undefined;
}

/** Suffixes of files that have one class name a line. */
const nameListSuffixes = ['.names', '.list'];

const nothing: ReadManifest = { classNames: null, classScores: undefined };

/**
 * What lies beside a model: `NAME.yaml` (a manifest, or the names in one of the forms `parseManifest` reads), or
 * `NAME.names` or `NAME.list` with one name a line, for `NAME.bin` or `NAME.onnx`. Nothing where there is none.
 *
 * Throws ModelContractError `manifest` (also for several files, of which one would be passed over, and for another
 * encoding than UTF-8 or UTF-16), ConfigError `model_unreadable`, `text_empty` or `text_binary`.
 */
export function readManifest(modelPath: string): ReadManifest {
  const stem = modelPath.replace(/\.[^./]*$/, '');
  const found = ['.yaml', ...nameListSuffixes]
    .map((suffix) => `${stem}${suffix}`)
    .filter((path) => existsSync(path));
  const [path, ...others] = found;
  if (path === undefined) return nothing;
  if (others.length > 0) {
    const why = `both ${path} and ${others.join(', ')} lie beside ${modelPath}; expected one of them`;
    throw new ModelContractError('manifest', why, { found });
  }
  const text = read(path);
  const manifest = path.endsWith('.yaml') ? parseManifest(text, path) : namesOnly(parseNameLines(text, path));
  if (manifest.classNamesFile === null) return manifest;
  const listPath = resolve(dirname(path), manifest.classNamesFile);
  return { ...manifest, classNames: parseNameLines(read(listPath), listPath) };
}

/** Files of class names as other programs want them; what makes the node read them, JSON being YAML too. */
const unreadForms: readonly [suffix: string, remedy: (name: string, wanted: string) => string][] = [
  ['.txt', (name, wanted) => `write class_names: ${name} into ${wanted}`],
  ['.json', (_, wanted) => `call it ${wanted}`],
  ['.yml', (_, wanted) => `call it ${wanted}`],
];

/** What to say of a file beside a model that may hold its names but is not read; null where there is none. */
export function unreadNames(modelPath: string): string | null {
  const stem = modelPath.replace(/\.[^./]*$/, '');
  if (existsSync(`${stem}.yaml`)) return null;
  for (const [suffix, remedy] of unreadForms) {
    if (!existsSync(`${stem}${suffix}`)) continue;
    const [name, wanted] = [suffix, '.yaml'].map((one) => `${basename(stem)}${one}`) as [string, string];
    return `${name} beside the model is not read; if it has the class names, ${remedy(name, wanted)}`;
  }
  return null;
}

function read(path: string): string {
  const text = decodeText(readBytes(path), path);
  if (text.includes('\ufffd')) {
    const why = `${path} has characters that are not of UTF-8; save it as UTF-8, with which names are published`;
    throw new ModelContractError('manifest', why, { path });
  }
  return text;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError('model_unreadable', `${path}, read beside the model, ${readFault(error)}`, {
      path,
    });
  }
}
