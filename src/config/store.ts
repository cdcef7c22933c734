import { ConfigError, describeError } from '../core/errors.js';
import { nearestNames } from '../core/nearestName.js';
import { type ParameterName, type ParameterSpec, type ParameterValue, parameterSpecs } from './schema.js';
import { type Settings, toSettings } from './settings.js';
import { checkParameter, resolveClasses } from './validate.js';

/** What decides whether an update is allowed at this moment. */
export interface UpdateContext {
  /** True while the node takes frames: only live parameters may change. */
  readonly active: boolean;
  /** Class names of the loaded model, or null before a model is known. */
  readonly classNames: readonly string[] | null;
}

const specByName: ReadonlyMap<string, ParameterSpec> = new Map(
  parameterSpecs.map((spec) => [spec.name, spec]),
);

/** Parameters that rcl or rclnodejs declares on every node; not ours to judge. */
function belongsToRcl(name: string): boolean {
  return /^(use_sim_time$|qos_overrides\.|start_type_description_service$)/.test(name);
}

/**
 * The node's parameter values: judges changes, then applies them.
 *
 * Starts from the defaults and the overrides of the command line and YAML files; throws ConfigError that
 * names every unfit value. An override whose name is unknown is an error too, with the nearest known name.
 */
export class ParameterStore {
  #values: Record<ParameterName, ParameterValue>;
  #settings: Settings;

  constructor(overrides: Readonly<Record<string, unknown>> = {}) {
    const values: Record<string, ParameterValue> = {};
    for (const spec of parameterSpecs) values[spec.name] = spec.default;
    const problems: string[] = [];
    for (const [name, value] of Object.entries(overrides)) {
      const spec = specByName.get(name);
      try {
        if (spec !== undefined) values[name] = checkParameter(spec, value);
        else if (!belongsToRcl(name))
          problems.push(`${name} is unknown; did you mean ${nearestNames(name, specByName.keys())[0]}?`);
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    if (problems.length > 0) throw new ConfigError('parameter', problems.join('; '), { problems });
    this.#values = values as Record<ParameterName, ParameterValue>;
    this.#settings = toSettings(this.#values);
  }

  get settings(): Settings {
    return this.#settings;
  }

  value(name: ParameterName): ParameterValue {
    return this.#values[name];
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
          resolveClasses(value as readonly string[], context.classNames);
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
    return toSettings(this.#with(changes));
  }

  /** Takes changes that `judge` has let pass. */
  apply(changes: Readonly<Record<string, unknown>>): void {
    this.#values = this.#with(changes);
    this.#settings = toSettings(this.#values);
  }

  #with(changes: Readonly<Record<string, unknown>>): Record<ParameterName, ParameterValue> {
    const next: Record<string, ParameterValue> = { ...this.#values };
    for (const [name, value] of Object.entries(changes)) {
      const spec = specByName.get(name);
      if (spec !== undefined) next[name] = checkParameter(spec, value);
    }
    return next as Record<ParameterName, ParameterValue>;
  }
}
