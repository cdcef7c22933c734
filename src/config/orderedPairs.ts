import type { ParameterName, ParameterValues } from './schema.js';

/** Parameters that are the ends of one range, the lower first. With them the wrong way round nothing is ever inside. */
const orderedPairs = [
  ['tracking.low_score', 'tracking.high_score'],
  ['depth.min_m', 'depth.max_m'],
] as const satisfies readonly (readonly [ParameterName, ParameterName])[];

/** What is wrong with values that fit each by itself: a line with both numbers for each range that is the wrong way round. */
export function pairFaults(values: ParameterValues): string[] {
  return orderedPairs
    .filter(([lower, upper]) => values[lower] > values[upper])
    .map(([lower, upper]) => `${lower} is ${values[lower]}, above ${upper}, which is ${values[upper]}`);
}
