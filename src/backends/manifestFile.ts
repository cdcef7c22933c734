import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError, ModelContractError } from '../core/errors.js';
import { readFault } from '../files/fault.js';
import { decodeText, readTextBytesSync } from '../files/textFile.js';
import { areNameless, namelessClasses, parseNameLines } from '../model/classNames.js';
import { cocoNames, cocoWord } from '../model/cocoNames.js';
import type { HeadHints } from '../model/heads.js';
import { namesOnly, parseManifest } from '../model/manifest.js';
import type { ClassScores } from '../model/rawHeads.js';
import { boardModelPath } from './defaultModel.js';

/** A manifest with the names of the file it may point to. */
export interface LoadedManifest extends HeadHints {
  readonly classNames: readonly string[] | null;
  readonly classScores: ClassScores | undefined;
}

/** Suffixes of files that have one class name a line. */
const nameListSuffixes = ['.names', '.list'];

const nothing: LoadedManifest = { classNames: null, classScores: undefined };

/** Class names of models that are known by their place. */
const knownNames: ReadonlyMap<string, readonly string[]> = new Map([[boardModelPath, cocoNames]]);

const stemOf = (modelPath: string) => modelPath.replace(/\.[^./]*$/, '');

/** Where the manifest of a model lies, if it has one. */
export function manifestPathOf(modelPath: string): string {
  return `${stemOf(modelPath)}.yaml`;
}

/**
 * What lies beside a model: `NAME.yaml` (a manifest, or the names in one of the forms `parseManifest` reads), or
 * `NAME.names` or `NAME.list` with one name a line, for `NAME.bin` or `NAME.onnx`. Where there is none, nothing but the names
 * of a model that is known by its place.
 *
 * Throws ModelContractError `manifest` (also for several files, of which one would be passed over, and for another
 * encoding than UTF-8 or UTF-16), ConfigError `model_unreadable`, `text_too_large`, `text_empty` or
 * `text_binary`.
 */
export function readManifest(modelPath: string, known = knownNames): LoadedManifest {
  const stem = stemOf(modelPath);
  const found = ['.yaml', ...nameListSuffixes]
    .map((suffix) => `${stem}${suffix}`)
    .filter((path) => existsSync(path));
  const [path, ...others] = found;
  if (path === undefined) return { ...nothing, classNames: known.get(resolve(modelPath)) ?? null };
  if (others.length > 0) {
    const why = `both ${path} and ${others.join(', ')} lie beside ${modelPath}; expected one of them`;
    throw new ModelContractError('manifest', why, { found });
  }
  const text = read(path);
  const manifest = path.endsWith('.yaml') ? parseManifest(text, path) : namesOnly(parseNameLines(text, path));
  if (manifest.classNamesFile === null) return manifest;
  return { ...manifest, classNames: readNamesFrom(manifest.classNamesFile, path) };
}

/** The names that a manifest points to: those of COCO, or a file in any form that could be the manifest. */
function readNamesFrom(classNamesFile: string, manifestPath: string): readonly string[] {
  const path = resolve(dirname(manifestPath), classNamesFile);
  const refuse = (why: string) =>
    new ModelContractError('manifest', `model manifest ${manifestPath}: ${why}`, { path });
  if (classNamesFile === cocoWord) {
    if (!existsSync(path)) return cocoNames;
    throw refuse(`class_names: ${cocoWord} may be the 80 names of COCO or the file ${path}; rename that`);
  }
  if (!/\.(?:ya?ml|json)$/i.test(path)) return parseNameLines(read(path), path);
  const { classNames } = parseManifest(read(path), path);
  if (classNames === null) throw refuse(`class_names points to ${path}, which lists none`);
  return classNames;
}

/** Files of class names as other programs want them; what makes the node read them, JSON being YAML too. */
const unreadForms: readonly [suffix: string, remedy: (name: string, wanted: string) => string][] = [
  ['.txt', (name, wanted) => `write class_names: ${name} into ${wanted}`],
  ['.json', (_, wanted) => `call it ${wanted}`],
  ['.yml', (_, wanted) => `call it ${wanted}`],
];

/**
 * What to say of files that may hold the names of a model but are not read; null where there are none.
 *
 * @param isNameless Lists in the same folder, which may be those of another model, are told of as well.
 */
export function unreadNames(modelPath: string, isNameless: boolean): string | null {
  const stem = stemOf(modelPath);
  if (existsSync(`${stem}.yaml`)) return null;
  for (const [suffix, remedy] of unreadForms) {
    if (!existsSync(`${stem}${suffix}`)) continue;
    const [name, wanted] = [suffix, '.yaml'].map((one) => `${basename(stem)}${one}`) as [string, string];
    return `${name} beside the model is not read; if it has the class names, ${remedy(name, wanted)}`;
  }
  if (!isNameless || nameListSuffixes.some((suffix) => existsSync(`${stem}${suffix}`))) return null;
  const others = namesInFolder(dirname(stem));
  if (others.length === 0) return null;
  const [first] = others;
  const remedy = `write class_names: ${first} into ${basename(stem)}.yaml`;
  return `${others.join(', ')} in the folder of the model: not read; if it has the class names, ${remedy}`;
}

/** What to say of a model whose classes nobody names; null where somebody does. */
export function describeNameless(modelPath: string, classNames: readonly string[]): string | null {
  if (!areNameless(classNames)) return null;
  return [namelessClasses, unreadNames(modelPath, true)].filter((text) => text !== null).join('; ');
}

/** Files in a folder that by their names are lists of classes, of whatever model. */
function namesInFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^(?:data|dataset)\.ya?ml$|^classes\.txt$|\.names$|\.list$/i.test(name))
      .sort();
  } catch {
    // Whether the folder can be read is told of the model.
    return [];
  }
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
    return readTextBytesSync(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('model_unreadable', `${path}, read beside the model, ${readFault(error)}`, {
      path,
    });
  }
}
