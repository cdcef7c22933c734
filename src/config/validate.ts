import { ConfigError } from '../core/errors.js';
import type { ParameterSpec, ParameterValue } from './schema.js';

function describeExpected(spec: ParameterSpec): string {
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
  }[spec.type];
}

function fits(spec: ParameterSpec, value: unknown): value is ParameterValue {
  switch (spec.type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string' && (spec.choices === undefined || spec.choices.includes(value));
    case 'string_array':
      return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
    case 'integer':
    case 'double': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      if (spec.type === 'integer' && !Number.isInteger(value)) return false;
      return spec.range === undefined || (value >= spec.range.from && value <= spec.range.to);
    }
  }
}

/** The value, typed, or ConfigError naming the parameter, what was expected and what came. */
export function checkParameter(spec: ParameterSpec, value: unknown): ParameterValue {
  if (fits(spec, value)) return value;
  throw new ConfigError(
    'parameter',
    `${spec.name} is ${JSON.stringify(value)}; expected ${describeExpected(spec)}`,
    { name: spec.name, value },
  );
}

/**
 * Class ids named by the `classes` parameter, or null for every class.
 *
 * Throws ConfigError for a name or id the model does not have.
 */
export function resolveClasses(classes: readonly string[], classNames: readonly string[]): number[] | null {
  if (classes.length === 1 && classes[0] === 'all') return null;
  return classes.map((text) => {
    const byName = classNames.indexOf(text);
    if (byName >= 0) return byName;
    const classId = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (classId < classNames.length) return classId;
    const known = classNames.slice(0, 8).join(', ') + (classNames.length > 8 ? ', ...' : '');
    throw new ConfigError(
      'parameter',
      `classes names ${JSON.stringify(text)}; the model has ${classNames.length} classes: ${known}`,
      { text, classCount: classNames.length },
    );
  });
}
