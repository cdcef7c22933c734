import type { StageName } from '../core/result.js';

/** Keys of rates in Hz, which are 0 while no camera sends. */
export const rateKeys = ['rate_in_hz', 'rate_out_hz'] as const;
/** One of them. */
export type RateKey = (typeof rateKeys)[number];

/** What the keys of a measurement begin with, in milliseconds: one key for each percentile. */
export type TimesPrefix =
  | 'age_ms'
  | 'taken_to_result_ms'
  | 'event_loop_lag_ms'
  | 'depth.wait_ms'
  | 'depth.work_ms'
  | `stage_ms.${StageName}`;

/** What keys begin with that end in a name: of a stage, of a reason of drops, of a topic and what is counted there. */
export type KeyGroup = 'stage_ms.' | 'dropped.' | 'output.';

/** What is counted of the messages of each topic. */
export type OutputCount = '.handed_over' | '.refused';

/** A key of the node's status on /diagnostics; docs/diagnostics.md says what each means. */
export type ReportKey =
  | 'lifecycle_state'
  | 'enabled'
  | 'clock'
  | 'model'
  | 'backend'
  | 'model_input'
  | 'model_form'
  | 'frames_in'
  | 'frames_in_work'
  | 'frames_out'
  | RateKey
  | 'rate_possible_hz'
  | 'dropped'
  | `dropped.${string}`
  | `${TimesPrefix}.${'p50' | 'p95' | 'p99'}`
  | 'postprocess_workers'
  | 'postprocess_busy_percent'
  | 'clock_mismatch_ms'
  | 'input.loaned'
  | 'input.copied'
  | 'input.lost'
  | 'input.superseded_native'
  | 'input.taken'
  | 'input.returned'
  | 'input.take_errors'
  | `output.${string}${OutputCount}`
  | 'depth.pictures'
  | `depth.refused.${string}`
  | 'depth.paired'
  | `depth.unpaired.${string}`
  | 'depth.waiting'
  | 'event_loop_lag_ms.max'
  | 'overlay_errors';

/**
 * The name of a status, by the full name of the node.
 *
 * @param part A camera of several, or all that the node reports of itself.
 */
export function statusNameOf(node: string, part = 'pipeline'): string {
  return `${node.replace(/^\//, '')}: ${part}`;
}
