/** ROS parameter types we use, named as in rcl_interfaces/ParameterType; the last is either of two. */
export type ParameterType =
  | 'bool'
  | 'integer'
  | 'double'
  | 'string'
  | 'string_array'
  | 'string_array or integer_array';

/** Any value that a parameter of ours may have. */
export type ParameterValue = boolean | number | string | readonly string[] | readonly number[];

/**
 * When a new value takes effect.
 *
 * live: with the next frame; activate and configure: with that transition, refused while the node is active
 * (a configured node reloads its model at once for a `configure` parameter); startup: read once, read-only.
 */
export type ParameterTiming = 'live' | 'activate' | 'configure' | 'startup';

/** One parameter, from which ROS descriptors, the YAML check and the docs table are made. */
export interface ParameterSpec {
  readonly name: string;
  readonly type: ParameterType;
  readonly default: ParameterValue;
  readonly timing: ParameterTiming;
  readonly description: string;
  /** Inclusive bounds of a number. */
  readonly range?: { readonly from: number; readonly to: number };
  /** Allowed texts of a string. */
  readonly choices?: readonly string[];
  /** Of a string that names a topic, in which `{camera}` may stand, unless it is the default: a name as refusals suggest it. */
  readonly topicExample?: string;
  /** Most items of a list. */
  readonly mostItems?: number;
}
