import type { ParameterSpec } from '../parameterSpec.js';

/** The node itself: how it starts, and when /diagnostics warns. */
export const nodeParameterSpecs = [
  {
    name: 'diagnostics.max_latency_ms',
    type: 'double',
    default: 0,
    timing: 'live',
    description:
      'Most that the p95 of the age of results may be, from the stamp to the publishing; above it /diagnostics warns, above twice of it it is an error. 0 judges nothing.',
    range: { from: 0, to: 60_000 },
  },
  {
    name: 'diagnostics.min_rate_hz',
    type: 'double',
    default: 0,
    timing: 'live',
    description:
      'Least results a second; below it /diagnostics warns, below half of it it is an error. 0 judges nothing.',
    range: { from: 0, to: 240 },
  },
  {
    name: 'diagnostic_updater.period',
    type: 'double',
    default: 1,
    timing: 'live',
    description: 'Seconds between two messages on /diagnostics.',
    range: { from: 0.05, to: 3600 },
  },
  {
    name: 'enabled',
    type: 'bool',
    default: true,
    timing: 'live',
    description:
      'Take frames while the node is active. false ends the subscription and keeps the model loaded, as the service ~/set_enabled does.',
  },
  {
    name: 'autostart',
    type: 'bool',
    default: true,
    timing: 'startup',
    description: 'Configure and activate at start; false waits for a lifecycle manager.',
  },
] as const satisfies readonly ParameterSpec[];
