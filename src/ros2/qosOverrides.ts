import { ConfigError } from '../core/errors.js';
import type { HbmemQos } from './hbmem/surface.js';

const choices = {
  reliability: ['best_effort', 'reliable', 'system_default'],
  durability: ['volatile', 'transient_local', 'system_default'],
  history: ['keep_last', 'keep_all', 'system_default'],
} as const;

/** As the addon takes it. */
const maxDepth = 1000;

/** JSON knows neither NaN nor int64. */
function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/**
 * The QoS of a subscription with the `qos_overrides./topic.subscription.*` parameters applied.
 *
 * A native subscription gets these from nobody else. Throws ConfigError for an unknown policy or value.
 *
 * @param topic Resolved topic name.
 * @param overrides Parameter values by name, as given at start.
 */
export function applyQosOverrides(
  qos: HbmemQos,
  topic: string,
  overrides: Readonly<Record<string, unknown>>,
): HbmemQos {
  const prefix = `qos_overrides.${topic}.subscription.`;
  const changed: Record<string, unknown> = { ...qos };
  for (const [name, value] of Object.entries(overrides)) {
    if (!name.startsWith(prefix)) continue;
    const policy = name.slice(prefix.length);
    if (policy === 'depth') {
      if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > maxDepth) {
        const expected = `a positive integer, at most ${maxDepth}`;
        throw new ConfigError('qos', `${name} is ${shown(value)}; expected ${expected}`, { name, value });
      }
    } else if (policy in choices) {
      const allowed: readonly unknown[] = choices[policy as keyof typeof choices];
      if (!allowed.includes(value)) {
        throw new ConfigError('qos', `${name} is ${shown(value)}; expected one of ${allowed.join(', ')}`, {
          name,
          value,
        });
      }
    } else {
      const known = ['depth', ...Object.keys(choices)].join(', ');
      throw new ConfigError('qos', `${name} cannot be overridden; expected one of ${known}`, { name });
    }
    changed[policy] = value;
  }
  return changed as unknown as HbmemQos;
}
