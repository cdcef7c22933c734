import { ConfigError } from '../core/errors.js';
import { suggestion } from '../core/words.js';
import type { ParameterSpec, ParameterValue } from './parameterSpec.js';
import { checkParameter } from './validate.js';

/** Judged where topics are known, not here. */
const isQosOverride = (name: string) => name.startsWith('qos_overrides.');

/**
 * Values of parameters at start: the defaults, with the overrides of the command line and of parameter files.
 *
 * Throws ConfigError that names every unfit value and every unknown name, the latter with the nearest known one.
 *
 * @param otherProblems Faults that these values have among each other and beside others, to be told with these, or one that is
 * thrown; a value that is unfit is judged as its default.
 */
export function valuesAtStart(
  specs: readonly ParameterSpec[],
  overrides: Readonly<Record<string, unknown>>,
  otherProblems: (values: ReadonlyMap<string, ParameterValue>) => readonly string[],
): Map<string, ParameterValue> {
  const specByName = new Map(specs.map((spec) => [spec.name, spec]));
  const values = new Map<string, ParameterValue>(specs.map((spec) => [spec.name, spec.default]));
  const problems: string[] = [];
  for (const [name, value] of Object.entries(overrides)) {
    const spec = specByName.get(name);
    try {
      if (spec !== undefined) values.set(name, checkParameter(spec, value));
      else if (!isQosOverride(name))
        problems.push(`${name} is unknown${suggestion(name, specByName.keys())}`);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  try {
    problems.push(...otherProblems(values));
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (problems.length > 0) throw new ConfigError('parameter', problems.join('; '), { problems });
  return values;
}
