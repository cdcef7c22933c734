import { ConfigError } from '../../core/errors.js';
import { valueText } from '../../core/words.js';
import { type QosPolicies, qosChoices } from '../../native/hbmem.js';

/** As `qos_overrides` parameters name the two ends of a topic. */
export type EndpointKind = 'publisher' | 'subscription';

/** More has no use at 90 Hz and would only be memory. */
const maxDepth = 1000;

/** What the parameters of a topic's endpoint begin with, as rclcpp names them. */
export function qosOverridePrefix(topic: string, kind: EndpointKind): string {
  return `qos_overrides.${topic}.${kind}.`;
}

/** Why an override cannot be taken, or null. */
function explainUnfit(name: string, policy: string, value: unknown): string | null {
  if (policy === 'depth') {
    const fits = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maxDepth;
    return fits ? null : `${name} is ${valueText(value)}; expected an integer from 1 to ${maxDepth}`;
  }
  if (!Object.hasOwn(qosChoices, policy)) {
    const known = ['depth', ...Object.keys(qosChoices)].join(', ');
    return `${name} cannot be overridden; expected one of ${known}`;
  }
  const allowed: readonly unknown[] = qosChoices[policy as keyof typeof qosChoices];
  return allowed.includes(value)
    ? null
    : `${name} is ${valueText(value)}; expected one of ${allowed.join(', ')}`;
}

/** Why overrides of the topic's endpoint cannot be taken, one line for each that cannot; see applyQosOverrides. */
export function unfitQosOverrides(
  topic: string,
  kind: EndpointKind,
  overrides: Readonly<Record<string, unknown>>,
): string[] {
  const prefix = qosOverridePrefix(topic, kind);
  return Object.entries(overrides)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => explainUnfit(name, name.slice(prefix.length), value))
    .filter((reason) => reason !== null);
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
  const unfit = unfitQosOverrides(topic, kind, overrides);
  if (unfit.length > 0) throw new ConfigError('qos', unfit.join('; '), { unfit });
  const prefix = qosOverridePrefix(topic, kind);
  const given = Object.entries(overrides)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value]);
  return { ...qos, ...Object.fromEntries(given) };
}
