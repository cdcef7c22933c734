import { counted, nearestName } from '../core/words.js';
import { parseFault } from '../core/documentFault.js';
import { ModelContractError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { parseYaml } from '../core/yamlDocument.js';
import { parseNameLines } from './classNames.js';
import type { HeadRole } from './headLayout.js';
import type { BoxForm, NamedRoles } from './headRoles.js';
import { roleOfKey } from './roleLists.js';
import { type ClassScores, classScoreForms } from './rawHeads.js';

/** What a file beside a model adds to what the model says of itself. */
export interface Manifest {
  /** Index = class id. */
  readonly classNames: readonly string[] | null;
  /** The file that lists them instead, one a line, as seen from the manifest. */
  readonly classNamesFile: string | null;
  readonly classCount: number | undefined;
  /** What the box heads hold, where shapes leave it open. */
  readonly boxForm: BoxForm | undefined;
  /** Whether one cell alone finds an object, where names do not tell. */
  readonly oneToOne: boolean | undefined;
  /** The meaning of outputs whose shapes leave it open, by output name. */
  readonly roles: NamedRoles | undefined;
  /** What the class heads hold, where the values do not tell. */
  readonly classScores: ClassScores | undefined;
}

const manifestKeys = ['class_names', 'class_count', 'class_scores', 'box_form', 'one_to_one', 'heads'];
const boxForms = ['dfl', 'distances'] as const satisfies readonly BoxForm[];

/** Keys by which files of other tools are known that may bear the manifest's name. */
const foreignFiles = [
  {
    key: 'model_parameters',
    what: "settings of hb_mapper (PTQ); the node reads NAME.yaml as NAME's manifest",
  },
  { key: 'calibration_parameters', what: 'settings of hb_mapper (PTQ)' },
  { key: 'backbone', what: "a network description of Ultralytics; its dataset's data.yaml has the names" },
  { key: 'cal_data_dir', what: 'the report of a calibration set' },
];

/**
 * Reads what lies beside a model: a manifest (YAML with `class_names`, `class_count`, `class_scores`, `box_form`,
 * `one_to_one` and `heads`, all optional), the data.yaml of a training set (`names`, perhaps `nc`; its other keys say
 * nothing of the model), a YAML list of names, a map from class id to name, or names one a line. Whether it fits the
 * model is `resolveHeads`' to judge.
 *
 * Throws ModelContractError `manifest`: one line with the file and the key.
 */
export function parseManifest(text: string, path: string): Manifest {
  const document = documentOf(text, path);
  if (document === nameLines) return namesOnly(parseNameLines(withoutComments(text, path), path));
  if (Array.isArray(document)) return namesOnly(readNames(document, 'the list', path));
  if (document === null) throw refuse(path, 'it is empty');
  const entries = document as Readonly<Record<string, unknown>>;
  const foreign = foreignFiles.find(({ key }) => key in entries);
  if (foreign !== undefined) {
    throw refuse(path, `this is no manifest but ${foreign.what}; give it another name`);
  }
  const keys = Object.keys(entries);
  if (keys.length > 0 && keys.every((key) => /^\d+$/.test(key))) {
    return namesOnly(readNames(entries, 'the map', path));
  }
  return 'names' in entries ? readDataset(entries, path) : readOwn(entries, path);
}

const nothing: Manifest = {
  classNames: null,
  classNamesFile: null,
  classCount: undefined,
  boxForm: undefined,
  oneToOne: undefined,
  roles: undefined,
  classScores: undefined,
};

/** What a text of names alone says. */
export function namesOnly(classNames: readonly string[]): Manifest {
  return { ...nothing, classNames };
}

function readDataset(entries: Readonly<Record<string, unknown>>, path: string): Manifest {
  const own = manifestKeys.filter((key) => key in entries);
  if (own.length > 0) {
    const why = `names is a key of a training set's data.yaml, ${own.join(', ')} of a manifest; expected class_names`;
    throw refuse(path, why);
  }
  const classNames = readNames(entries.names, 'names', path);
  const count = entries.nc === undefined ? undefined : readCount(entries.nc, 'nc', path);
  checkCount(classNames, 'names', count, 'nc', path);
  return namesOnly(classNames);
}

function readOwn(entries: Readonly<Record<string, unknown>>, path: string): Manifest {
  checkKeys(entries, manifestKeys, '', path);
  const { class_names: names, class_count: count, class_scores: scores, heads } = entries;
  const { box_form: boxes, one_to_one: oneToOne } = entries;
  const classNamesFile = typeof names === 'string' && names !== '' ? names : null;
  const classNames =
    names === undefined || classNamesFile !== null ? null : readNames(names, 'class_names', path);
  const classCount = count === undefined ? undefined : readCount(count, 'class_count', path);
  if (classNames !== null) checkCount(classNames, 'class_names', classCount, 'class_count', path);
  const classScores = classScoreForms.find((form) => form === scores);
  if (scores !== undefined && classScores === undefined) {
    throw refuse(path, `class_scores is ${show(scores)}; expected ${classScoreForms.join(' or ')}`);
  }
  const boxForm = boxForms.find((form) => form === boxes);
  if (boxes !== undefined && boxForm === undefined) {
    throw refuse(path, `box_form is ${show(boxes)}; expected ${boxForms.join(' or ')}`);
  }
  if (oneToOne !== undefined && typeof oneToOne !== 'boolean') {
    throw refuse(path, `one_to_one is ${show(oneToOne)}; expected true or false`);
  }
  return {
    classNames,
    classNamesFile,
    classCount,
    boxForm,
    oneToOne,
    classScores,
    roles: heads === undefined ? undefined : readRoles(heads, path),
  };
}

function readRoles(heads: unknown, path: string): NamedRoles | undefined {
  if (typeof heads !== 'object' || heads === null || Array.isArray(heads)) {
    throw refuse(
      path,
      `heads is ${show(heads)}; expected ${Object.keys(roleOfKey).join(', ')}, each a list of outputs`,
    );
  }
  checkKeys(heads as Readonly<Record<string, unknown>>, Object.keys(roleOfKey), 'heads.', path);
  const roles = new Map<string, HeadRole>();
  for (const key of Object.keys(roleOfKey) as (keyof typeof roleOfKey)[]) {
    const list = (heads as Readonly<Record<string, unknown>>)[key];
    if (list === undefined) continue;
    for (const name of readNames(list, `heads.${key}`, path)) {
      if (roles.has(name)) throw refuse(path, `heads names ${name} twice`);
      roles.set(name, roleOfKey[key]);
    }
  }
  return roles.size === 0 ? undefined : roles;
}

/** A list of names, or a map from 0, 1, 2, ... to names. */
function readNames(value: unknown, key: string, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) {
    throw refuse(path, `${key} is ${show(value)}; expected a list of names`);
  }
  const list = Array.isArray(value) ? value : listOf(value as Readonly<Record<string, unknown>>, key, path);
  if (list.length === 0) throw refuse(path, `${key} is empty`);
  return list.map((name: unknown, id) => {
    if (typeof name === 'string' && name.trim() !== '') return name;
    const remedy =
      typeof name === 'number' || typeof name === 'boolean' ? ` (put it in quotes: "${name}")` : '';
    throw refuse(path, `${key}: name ${id} is ${show(name)}; expected a text${remedy}`);
  });
}

function listOf(map: Readonly<Record<string, unknown>>, key: string, path: string): unknown[] {
  const ids = Object.keys(map);
  return ids.map((_, id) => {
    if (String(id) in map) return map[id];
    throw refuse(path, `${key} has the keys ${show(ids)}; expected 0 to ${ids.length - 1}`);
  });
}

function readCount(value: unknown, key: string, path: string): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= limits.classes) return Number(value);
  throw refuse(path, `${key} is ${show(value)}; expected a whole number from 1 to ${limits.classes}`);
}

function checkCount(
  names: readonly string[],
  namesKey: string,
  count: number | undefined,
  countKey: string,
  path: string,
): void {
  if (count === undefined || count === names.length) return;
  throw refuse(path, `${namesKey} has ${counted(names.length, 'name')}, ${countKey} is ${count}`);
}

function checkKeys(
  entries: Readonly<Record<string, unknown>>,
  known: readonly string[],
  prefix: string,
  path: string,
): void {
  const [unknown] = Object.keys(entries).filter((key) => !known.includes(key));
  if (unknown === undefined) return;
  const list = known.join(', ');
  const nearest = nearestName(unknown, known);
  const meant = nearest === null ? '.' : `; did you mean ${prefix}${nearest}?`;
  throw refuse(path, `unknown key ${prefix}${unknown}${meant} The keys are ${list}`);
}

/** Stands for a text of names alone, one a line. */
const nameLines = Symbol('name lines');

/** The document, or `nameLines` for a text that is one name a line: YAML runs such lines together, or refuses them. */
function documentOf(text: string, path: string): unknown {
  try {
    const document = parseYaml(text);
    return document === null || typeof document === 'object' ? document : nameLines;
  } catch (error) {
    const isYaml = text.split('\n').some((line) => /^\s*(?:- |[[{]|[^\s"'#][^"'#]*:(?:\s|$))/.test(line));
    if (isYaml) throw refuse(path, `cannot be read as YAML: ${parseFault(error)}`);
    return nameLines;
  }
}

/**
 * The text itself; in a list of names nobody knows whether `#` begins a comment, as in YAML, or belongs to the name.
 */
function withoutComments(text: string, path: string): string {
  const lines = text.split(/\r\n|\n|\r/);
  const odd = lines.findIndex((line) => /(?:^|\s)#|^(?:---|\.\.\.|%)/.test(line));
  if (odd < 0) return text;
  const remedy = "in NAME.names every line is a name; in NAME.yaml write - 'NAME' for each";
  const why = `line ${odd + 1} is ${show(lines[odd])}, which may be a name or a remark of YAML; ${remedy}`;
  throw refuse(path, why);
}

/** A value as a line can show it. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function refuse(path: string, why: string): ModelContractError {
  return new ModelContractError('manifest', `model manifest ${path}: ${why}`, { path });
}
