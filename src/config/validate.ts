import { counted, valueText } from '../core/words.js';
import { ConfigError } from '../core/errors.js';
import { WholeDouble } from '../core/wholeDouble.js';
import type { ParameterSpec, ParameterValue } from './parameterSpec.js';
import { cameraPlaceholder, topicNameFault } from './topicName.js';

/** The value itself, without the sign that a whole number was given as the double that the parameter is. */
function unwrapped(spec: ParameterSpec, value: unknown): unknown {
  return spec.type === 'double' && value instanceof WholeDouble ? value.value : value;
}

/** What is wrong with a text that is to name a topic; null where it does, or is not to. */
function topicFault({ topicExample, default: usual }: ParameterSpec, text: string): string | null {
  if (topicExample === undefined || text === usual) return null;
  const fault = topicNameFault(text.replaceAll(cameraPlaceholder, 'camera'), topicExample);
  return fault === null || usual === '' ? fault : `${fault}, or ${usual}`;
}

function describeExpected(spec: ParameterSpec, value: unknown): string {
  const fault = typeof value === 'string' ? topicFault(spec, value) : null;
  if (fault !== null) return fault;
  if (spec.choices !== undefined) return `one of ${spec.choices.join(', ')}`;
  if (spec.range !== undefined) {
    const kind = spec.type === 'integer' ? 'an integer' : 'a number';
    return `${kind} from ${spec.range.from} to ${spec.range.to}`;
  }
  return {
    bool: 'true or false',
    integer: 'an integer',
    double: 'a number',
    string: 'a text',
    string_array: 'a non-empty list of texts',
    'string_array or integer_array': 'a non-empty list of texts, or of integers from 0 on',
  }[spec.type];
}

const isText = (item: unknown) => typeof item === 'string';
const isClassId = (item: unknown) => Number.isSafeInteger(item) && (item as number) >= 0;

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isItem);
}

function fits(spec: ParameterSpec, value: unknown): value is ParameterValue {
  switch (spec.type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      if (typeof value !== 'string') return false;
      if (spec.choices !== undefined) return spec.choices.includes(value);
      return topicFault(spec, value) === null;
    case 'string_array':
      return isListOf(value, isText);
    case 'string_array or integer_array':
      return isListOf(value, isText) || isListOf(value, isClassId);
    case 'integer':
    case 'double': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      if (spec.type === 'integer' && !Number.isInteger(value)) return false;
      return spec.range === undefined || (value >= spec.range.from && value <= spec.range.to);
    }
  }
}

/** The value, typed, or ConfigError naming the parameter, what was expected and what came. */
export function checkParameter(spec: ParameterSpec, given: unknown): ParameterValue {
  const value = unwrapped(spec, given);
  if (spec.mostItems !== undefined && Array.isArray(value) && value.length > spec.mostItems) {
    throw new ConfigError(
      'parameter',
      `${spec.name} has ${value.length} items; expected at most ${spec.mostItems}`,
      { name: spec.name, items: value.length },
    );
  }
  if (fits(spec, value)) return value;
  throw new ConfigError(
    'parameter',
    `${spec.name} is ${valueText(value)}; expected ${describeExpected(spec, value)}`,
    { name: spec.name, value },
  );
}

/** The class id that an item of `classes` means, or null. A text is a name first: a name may be a number, too. */
function classIdOf(
  item: string | number,
  idsByName: ReadonlyMap<string, number>,
  classCount: number,
): number | null {
  if (typeof item === 'number') return item < classCount ? item : null;
  const byName = idsByName.get(item);
  if (byName !== undefined) return byName;
  return /^\d+$/.test(item) && Number(item) < classCount ? Number(item) : null;
}

/**
 * Class ids named by the `classes` parameter, each once, or null for every class.
 *
 * Throws ConfigError for a name or id the model does not have.
 */
export function resolveClasses(
  classes: readonly string[] | readonly number[],
  classNames: readonly string[],
): number[] | null {
  if (classes.length === 1 && classes[0] === 'all') return null;
  // Of two classes of one name the first is meant.
  const idsByName = new Map(classNames.map((name, id) => [name, id] as const).reverse());
  const ids = classes.map((item) => {
    const classId = classIdOf(item, idsByName, classNames.length);
    if (classId !== null) return classId;
    if (item === 'all') {
      const what = `classes has "all" beside ${counted(classes.length - 1, 'other')}; "all" stands alone`;
      throw new ConfigError('parameter', what, { item });
    }
    const known = classNames.slice(0, 8).join(', ') + (classNames.length > 8 ? ', ...' : '');
    throw new ConfigError(
      'parameter',
      `classes names ${valueText(item)}; the model has ${counted(classNames.length, 'class', 'classes')}: ${known}`,
      { item, classCount: classNames.length },
    );
  });
  return [...new Set(ids)];
}
