import { ConfigError } from '../core/errors.js';
import { camerasOf } from './cameras.js';
import { depthTopicsOf } from './depthTopics.js';
import { pairFaults } from './orderedPairs.js';
import { commonParameterSpecs, type ParameterValues, parameterSpecs } from './schema.js';
import type { ParameterSpec, ParameterValue } from './parameterSpec.js';
import { valuesAtStart } from './startValues.js';
import { checkParameter } from './validate.js';

/** Changes that may be taken. */
export interface PreparedValues {
  /** As they will be. */
  readonly values: ParameterValues;
  commit(): void;
}

const specs: readonly ParameterSpec[] = [...parameterSpecs, ...commonParameterSpecs];
const specByName: ReadonlyMap<string, ParameterSpec> = new Map(specs.map((spec) => [spec.name, spec]));

/** The one cast from what was checked to what the schema promises: every value here passed `checkParameter`. */
function typed(values: ReadonlyMap<string, ParameterValue>): ParameterValues {
  return Object.fromEntries(values) as unknown as ParameterValues;
}

/** Throws ConfigError where lists of cameras contradict each other, or topics of depth are none that these cameras can have. */
function refuseUnfitTogether(values: ParameterValues): void {
  for (const camera of camerasOf(values)) depthTopicsOf(values, camera);
}

/** The node's parameter values, with those that every ROS node has: judges changes, then takes them. */
export class ParameterStore {
  /** With those that every node has. */
  #all: ReadonlyMap<string, ParameterValue>;
  #values: ParameterValues;

  /**
   * Starts from the defaults and the overrides; throws ConfigError that names every one that cannot be used.
   *
   * @param otherProblems Faults that are found elsewhere, to be told with these.
   */
  constructor(
    overrides: Readonly<Record<string, unknown>> = {},
    otherProblems: (values: ParameterValues) => readonly string[] = () => [],
  ) {
    this.#all = valuesAtStart(specs, overrides, (all) => {
      const values = typed(all);
      refuseUnfitTogether(values);
      return [...pairFaults(values), ...otherProblems(values)];
    });
    this.#values = typed(this.#all);
  }

  /** Present values of the node's own parameters; another object after each change. */
  get values(): ParameterValues {
    return this.#values;
  }

  /** The present value of a parameter that the node has. */
  value(name: string): ParameterValue {
    return this.#all.get(name)!;
  }

  /**
   * Judges changes and holds them ready; throws ConfigError for those that cannot be taken now. Changes nothing.
   *
   * @param isActive Whether the node takes frames: only live parameters may change then.
   */
  prepare(changes: Readonly<Record<string, unknown>>, isActive: boolean): PreparedValues {
    const all = new Map(this.#all);
    for (const [name, value] of Object.entries(changes)) {
      const spec = specByName.get(name);
      if (spec === undefined) continue;
      if (spec.timing === 'startup') {
        throw new ConfigError('parameter', `${name} is read once at start`, { name });
      }
      if (spec.timing !== 'live' && isActive) {
        const what = `${name} takes effect at ${spec.timing}: deactivate the node first`;
        throw new ConfigError('parameter', what, { name });
      }
      all.set(name, checkParameter(spec, value));
    }
    const values = typed(all);
    refuseUnfitTogether(values);
    const faults = pairFaults(values);
    if (faults.length > 0) throw new ConfigError('parameter', faults.join('; '), { faults });
    const commit = () => {
      this.#all = all;
      this.#values = values;
    };
    return { values, commit };
  }

  /**
   * Whether one of the changes is of a parameter that a session is opened with. Its value may be the one it has: that
   * reloads a file that was replaced.
   */
  needsReload(changes: Readonly<Record<string, unknown>>): boolean {
    return Object.keys(changes).some((name) => specByName.get(name)?.timing === 'configure');
  }
}
