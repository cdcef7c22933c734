import { ConfigError } from '../core/errors.js';
import { valueText } from '../core/valueText.js';

/** QoS policies by their rmw names. */
export interface QosPolicies {
  /** At least 1 for `keep_last`. */
  readonly depth: number;
  readonly reliability: 'best_effort' | 'reliable' | 'system_default';
  readonly durability: 'volatile' | 'transient_local' | 'system_default';
  readonly history: 'keep_last' | 'keep_all' | 'system_default';
}

export type EndpointKind = 'publisher' | 'subscription';

/** More has no use at 90 Hz and would only be memory. */
const maxDepth = 1000;

const choices = {
  reliability: ['best_effort', 'reliable', 'system_default'],
  durability: ['volatile', 'transient_local', 'system_default'],
  history: ['keep_last', 'keep_all', 'system_default'],
} as const;

/** What the parameters of a topic's endpoint begin with, as rclcpp names them. */
export function qosOverridePrefix(topic: string, kind: EndpointKind): string {
  return `qos_overrides.${topic}.${kind}.`;
}

/**
 * The QoS of an endpoint with the `qos_overrides./topic.publisher.*` or `.subscription.*` parameters applied.
 *
 * Neither rclnodejs nor the native endpoints do this. Throws ConfigError for an unknown policy or value.
 *
 * @param topic Resolved topic name.
 * @param overrides Parameter values by name, as given at start.
 */
export function applyQosOverrides(
  qos: QosPolicies,
  topic: string,
  kind: EndpointKind,
  overrides: Readonly<Record<string, unknown>>,
): QosPolicies {
  const prefix = qosOverridePrefix(topic, kind);
  const changed: Record<string, unknown> = { ...qos };
  for (const [name, value] of Object.entries(overrides)) {
    if (!name.startsWith(prefix)) continue;
    const policy = name.slice(prefix.length);
    if (policy === 'depth') {
      if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > maxDepth) {
        throw new ConfigError(
          'qos',
          `${name} is ${valueText(value)}; expected an integer from 1 to ${maxDepth}`,
          { name, value },
        );
      }
    } else if (Object.hasOwn(choices, policy)) {
      const allowed: readonly unknown[] = choices[policy as keyof typeof choices];
      if (!allowed.includes(value)) {
        throw new ConfigError(
          'qos',
          `${name} is ${valueText(value)}; expected one of ${allowed.join(', ')}`,
          { name, value },
        );
      }
    } else {
      const known = ['depth', ...Object.keys(choices)].join(', ');
      throw new ConfigError('qos', `${name} cannot be overridden; expected one of ${known}`, { name });
    }
    changed[policy] = value;
  }
  return changed as unknown as QosPolicies;
}
