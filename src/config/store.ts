import { ConfigError } from '../core/errors.js';
import {
  commonParameterSpecs,
  type ParameterName,
  type ParameterSpec,
  type ParameterValue,
  parameterSpecs,
} from './schema.js';
import { type ParameterValues, type Settings, toSettings } from './settings.js';
import { valuesAtStart } from './startValues.js';
import { checkParameter, resolveClasses } from './validate.js';

/** What decides whether an update is allowed at this moment. */
export interface UpdateContext {
  /** True while the node takes frames: only live parameters may change. */
  readonly active: boolean;
  /** Class names of the loaded model, or null before a model is known. */
  readonly classNames: readonly string[] | null;
}

/** Changes that may be taken. */
export interface PreparedSettings {
  /** As they will be. */
  readonly settings: Settings;
  commit(): void;
}

const specs: readonly ParameterSpec[] = [...parameterSpecs, ...commonParameterSpecs];
const specByName: ReadonlyMap<string, ParameterSpec> = new Map(specs.map((spec) => [spec.name, spec]));

/** Names the values of our own parameters, every one of which has one. */
function settingsOf(values: ReadonlyMap<string, ParameterValue>): Settings {
  return toSettings(
    Object.fromEntries(values) as Record<ParameterName, ParameterValue> satisfies ParameterValues,
  );
}

/** The node's parameter values, with those that every ROS node has: judges changes, then takes them. */
export class ParameterStore {
  #values: ReadonlyMap<string, ParameterValue>;
  #settings: Settings;

  /**
   * Starts from the defaults and the overrides; throws ConfigError that names every one that cannot be used.
   *
   * @param otherProblems Faults of the overrides that were found elsewhere, to be told with these.
   */
  constructor(overrides: Readonly<Record<string, unknown>> = {}, otherProblems: readonly string[] = []) {
    this.#values = valuesAtStart(specs, overrides, otherProblems);
    this.#settings = settingsOf(this.#values);
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** The present value of a parameter that the node has. */
  value(name: string): ParameterValue {
    return this.#values.get(name)!;
  }

  /** Judges changes and holds them ready; throws ConfigError for those that cannot be taken now. Changes nothing. */
  prepare(changes: Readonly<Record<string, unknown>>, context: UpdateContext): PreparedSettings {
    const values = new Map(this.#values);
    for (const [name, value] of Object.entries(changes)) {
      const spec = specByName.get(name);
      if (spec === undefined) continue;
      if (spec.timing === 'startup') {
        throw new ConfigError('parameter', `${name} is read once at start`, { name });
      }
      if (spec.timing !== 'live' && context.active) {
        const what = `${name} takes effect at ${spec.timing}: deactivate the node first`;
        throw new ConfigError('parameter', what, { name });
      }
      values.set(name, checkParameter(spec, value));
    }
    const settings = settingsOf(values);
    if (context.classNames !== null && 'classes' in changes)
      resolveClasses(settings.classes, context.classNames);
    const commit = () => {
      this.#values = values;
      this.#settings = settings;
    };
    return { settings, commit };
  }

  /** Whether the changes alter what a loaded session was made with. */
  needsReload(changes: Readonly<Record<string, unknown>>): boolean {
    return Object.keys(changes).some((name) => specByName.get(name)?.timing === 'configure');
  }
}
