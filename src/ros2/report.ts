import type { ModelInfo, PostprocessThreads } from '../core/ports.js';
import { stageNames } from '../core/result.js';
import type { EventLoopLag } from '../pipeline/eventLoopLag.js';
import type { PipelineSnapshot } from '../pipeline/stats.js';
import type { Percentiles } from '../pipeline/windows.js';
import type { ClockKind } from './rcl/rosClock.js';
import type { OutputCounters } from '../outputs/output.js';
import type { ReportKey, TimesPrefix } from './reportKeys.js';

/** Counters of the input since its activation; docs/diagnostics.md says what each contains. */
export interface InputCounters {
  /** Frames whose pixels were the publisher's own memory. */
  readonly loaned: number;
  /** Frames that the transport copied. */
  readonly copied: number;
  /** Frames taken from the middleware. */
  readonly taken: number;
  /** Frames given back by whoever held them. */
  readonly returned: number;
  /** Frames a newer one replaced before JavaScript saw them; the pipeline counts them as superseded, too. */
  readonly supersededNative: number;
  /** Frames cameras sent that never arrived; null where the middleware does not number messages. */
  readonly lost: number | null;
  readonly takeErrors: number;
}

/** Everything the node knows of itself at one moment. */
export interface NodeReport {
  readonly state: string;
  /** Whether frames are taken while it is active. */
  readonly isEnabled: boolean;
  /** Whose time stamps are compared with. */
  readonly clock: ClockKind;
  readonly model: ModelInfo | null;
  /** Null without a model, and where post-processing has no threads of its own. */
  readonly postprocess: PostprocessThreads | null;
  readonly pipeline: PipelineSnapshot | null;
  /** Frames that are waiting or in work in the pipeline. */
  readonly framesInWork: number;
  readonly input: InputCounters | null;
  readonly outputs: readonly OutputCounters[];
  readonly eventLoopLag: EventLoopLag | null;
  readonly overlayErrors: number;
}

function milliseconds(value: number | null): string {
  return value === null ? '' : value.toFixed(2);
}

function percentileEntries(prefix: TimesPrefix, percentiles: Percentiles): [ReportKey, string][] {
  return [
    [`${prefix}.p50`, milliseconds(percentiles.p50)],
    [`${prefix}.p95`, milliseconds(percentiles.p95)],
    [`${prefix}.p99`, milliseconds(percentiles.p99)],
  ];
}

/**
 * How much of the time of the threads that post-process is used, in percent: the middle time of a frame at the present rate. Null
 * before the first frame.
 */
function busyPercent(
  { workers }: PostprocessThreads,
  { stagesMs, rateOutHz }: PipelineSnapshot,
): number | null {
  const { decode, masks } = stagesMs;
  if (decode.p50 === null || masks.p50 === null) return null;
  return ((decode.p50 + masks.p50) * rateOutHz) / 10 / Math.max(1, workers);
}

/** The report as key/value pairs of a DiagnosticStatus; times in milliseconds, rates in Hz. */
export function diagnosticValues(report: NodeReport): [ReportKey, string][] {
  const values: [ReportKey, string][] = [
    ['lifecycle_state', report.state],
    ['enabled', String(report.isEnabled)],
    ['clock', report.clock],
  ];
  const { model, postprocess, pipeline, input, outputs, eventLoopLag } = report;
  if (model !== null) {
    values.push(
      ['model', model.path],
      ['backend', model.backend],
      ['model_input', `${model.inputWidthPx}x${model.inputHeightPx}`],
      ['model_form', model.headForm],
    );
  }
  if (pipeline !== null) {
    values.push(
      ['frames_in', String(pipeline.framesIn)],
      ['frames_in_work', String(report.framesInWork)],
      ['frames_out', String(pipeline.framesOut)],
      ['rate_in_hz', pipeline.rateInHz.toFixed(1)],
      ['rate_out_hz', pipeline.rateOutHz.toFixed(1)],
      ['rate_possible_hz', pipeline.ratePossibleHz?.toFixed(1) ?? ''],
      ['dropped', String(pipeline.dropsTotal)],
    );
    for (const [reason, count] of Object.entries(pipeline.drops))
      values.push([`dropped.${reason}`, String(count)]);
    values.push(...percentileEntries('age_ms', pipeline.stampAgeMs));
    values.push(...percentileEntries('taken_to_result_ms', pipeline.takenToResultMs));
    for (const stage of stageNames)
      values.push(...percentileEntries(`stage_ms.${stage}`, pipeline.stagesMs[stage]));
    if (postprocess !== null) {
      values.push(
        ['postprocess_workers', String(postprocess.workers)],
        ['postprocess_busy_percent', busyPercent(postprocess, pipeline)?.toFixed(1) ?? ''],
      );
    }
    if (pipeline.clockMismatchMs !== null) {
      values.push(['clock_mismatch_ms', pipeline.clockMismatchMs.toFixed(0)]);
    }
  }
  if (input !== null) {
    values.push(
      ['input.loaned', String(input.loaned)],
      ['input.copied', String(input.copied)],
      ['input.lost', String(input.lost ?? 'unknown')],
      ['input.superseded_native', String(input.supersededNative)],
      ['input.taken', String(input.taken)],
      ['input.returned', String(input.returned)],
      ['input.take_errors', String(input.takeErrors)],
    );
  }
  for (const { topic, handedOver, refused } of outputs) {
    const name = topic.replace('~/', '');
    values.push(
      [`output.${name}.handed_over`, String(handedOver)],
      [`output.${name}.refused`, String(refused)],
    );
  }
  if (eventLoopLag !== null) {
    values.push(
      ['event_loop_lag_ms.p50', milliseconds(eventLoopLag.p50Ms)],
      ['event_loop_lag_ms.p95', milliseconds(eventLoopLag.p95Ms)],
      ['event_loop_lag_ms.max', milliseconds(eventLoopLag.maxMs)],
    );
  }
  values.push(['overlay_errors', String(report.overlayErrors)]);
  return values;
}

/** The status line drawn into the overlay, most wanted first. */
export function statusLine(snapshot: PipelineSnapshot): string[] {
  const whole = (value: number | null) => (value === null ? '-' : value.toFixed(value < 10 ? 1 : 0));
  const { stagesMs } = snapshot;
  const post = (stagesMs.decode.p50 ?? 0) + (stagesMs.masks.p50 ?? 0);
  return [
    `in ${snapshot.rateInHz.toFixed(0)} out ${snapshot.rateOutHz.toFixed(0)} Hz`,
    `age ${whole(snapshot.stampAgeMs.p50)}/${whole(snapshot.stampAgeMs.p95)} ms`,
    `prep ${whole(stagesMs.prepare.p50)} infer ${whole(stagesMs.infer.p50)} post ${whole(post)} ms`,
    `drops ${snapshot.dropsTotal}`,
  ];
}
