import { describeError } from '../core/errors.js';
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

const specs: readonly ParameterSpec[] = [...parameterSpecs, ...commonParameterSpecs];
const specByName: ReadonlyMap<string, ParameterSpec> = new Map(specs.map((spec) => [spec.name, spec]));

/** Names the values of our own parameters, every one of which has one. */
function settingsOf(values: ReadonlyMap<string, ParameterValue>): Settings {
  return toSettings(
    Object.fromEntries(values) as Record<ParameterName, ParameterValue> satisfies ParameterValues,
  );
}

/** The node's parameter values, with those that every ROS node has: judges changes, then applies them. */
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

  /** Why the changes cannot be taken now, or null. Changes nothing. */
  judge(changes: Readonly<Record<string, unknown>>, context: UpdateContext): string | null {
    for (const [name, value] of Object.entries(changes)) {
      const spec = specByName.get(name);
      if (spec === undefined) continue;
      if (spec.timing === 'startup') return `${name} is read once at start`;
      if (spec.timing !== 'live' && context.active) {
        return `${name} takes effect at ${spec.timing}: deactivate the node first`;
      }
      try {
        checkParameter(spec, value);
        if (name === 'classes' && context.classNames !== null) {
          resolveClasses(value as Settings['classes'], context.classNames);
        }
      } catch (error) {
        return describeError(error);
      }
    }
    return null;
  }

  /** Whether the changes alter what a loaded session was made with. */
  needsReload(changes: Readonly<Record<string, unknown>>): boolean {
    return Object.keys(changes).some((name) => specByName.get(name)?.timing === 'configure');
  }

  /** The settings as they would be with the changes; throws ConfigError for an unfit value. */
  preview(changes: Readonly<Record<string, unknown>>): Settings {
    return settingsOf(this.#with(changes));
  }

  /** Takes changes that `judge` has let pass. */
  apply(changes: Readonly<Record<string, unknown>>): void {
    this.#values = this.#with(changes);
    this.#settings = settingsOf(this.#values);
  }

  #with(changes: Readonly<Record<string, unknown>>): Map<string, ParameterValue> {
    const next = new Map(this.#values);
    for (const [name, value] of Object.entries(changes)) {
      const spec = specByName.get(name);
      if (spec !== undefined) next.set(name, checkParameter(spec, value));
    }
    return next;
  }
}
