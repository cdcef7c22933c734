import type { ModelInfo, PostprocessThreads } from '../core/ports.js';
import { stageNames } from '../core/result.js';
import type { EventLoopLag } from '../pipeline/eventLoopLag.js';
import type { PipelineSnapshot } from '../pipeline/stats.js';
import type { Percentiles } from '../pipeline/windows.js';
import type { ClockKind } from './rcl/rosClock.js';
import type { DepthReport } from './depth/depthReport.js';
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

/** What is known of one camera's frames at one moment. */
export interface CameraReport {
  /** Null for the one camera of a node that names none. */
  readonly name: string | null;
  readonly pipeline: PipelineSnapshot | null;
  /** Frames that are waiting or in work in the pipeline. */
  readonly framesInWork: number;
  readonly input: InputCounters | null;
  readonly outputs: readonly OutputCounters[];
  /** Null while no depth is asked for. */
  readonly depth: DepthReport | null;
  readonly overlayErrors: number;
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
  readonly cameras: readonly CameraReport[];
  readonly eventLoopLag: EventLoopLag | null;
}

/** A status of /diagnostics has pairs of these. */
export type ReportValue = readonly [key: ReportKey, value: string];

function milliseconds(value: number | null): string {
  return value === null ? '' : value.toFixed(2);
}

function percentileEntries(prefix: TimesPrefix, percentiles: Percentiles): ReportValue[] {
  return [
    [`${prefix}.p50`, milliseconds(percentiles.p50)],
    [`${prefix}.p95`, milliseconds(percentiles.p95)],
    [`${prefix}.p99`, milliseconds(percentiles.p99)],
  ];
}

/**
 * How much of the time of the threads that post-process is used, in percent: the middle time of a frame at the present rate,
 * summed over the cameras. Null before the first frame.
 */
function busyPercent({ workers }: PostprocessThreads, cameras: readonly CameraReport[]): number | null {
  const shares = cameras.flatMap(({ pipeline }) => {
    const { decode, masks } = pipeline?.stagesMs ?? {};
    if (pipeline === null || decode?.p50 == null || masks?.p50 == null) return [];
    return [((decode.p50 + masks.p50) * pipeline.rateOutHz) / 10 / Math.max(1, workers)];
  });
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0);
}

/** What concerns the node as a whole. */
function ownValues({
  state,
  isEnabled,
  clock,
  model,
  postprocess,
  cameras,
  eventLoopLag,
}: NodeReport): ReportValue[] {
  const values: ReportValue[] = [
    ['lifecycle_state', state],
    ['enabled', String(isEnabled)],
    ['clock', clock],
  ];
  if (model !== null) {
    values.push(
      ['model', model.path],
      ['backend', model.backend],
      ['model_input', `${model.inputWidthPx}x${model.inputHeightPx}`],
      ['model_form', model.headForm],
    );
  }
  if (postprocess !== null) {
    values.push(
      ['postprocess_workers', String(postprocess.workers)],
      ['postprocess_busy_percent', busyPercent(postprocess, cameras)?.toFixed(1) ?? ''],
    );
  }
  if (eventLoopLag !== null) {
    values.push(
      ['event_loop_lag_ms.p50', milliseconds(eventLoopLag.p50Ms)],
      ['event_loop_lag_ms.p95', milliseconds(eventLoopLag.p95Ms)],
      ['event_loop_lag_ms.max', milliseconds(eventLoopLag.maxMs)],
    );
  }
  return values;
}

/** What may be summed over cameras. */
function flowValues(cameras: readonly CameraReport[]): ReportValue[] {
  const flows = cameras.flatMap(({ pipeline }) => (pipeline === null ? [] : [pipeline]));
  if (flows.length === 0) return [];
  const sum = (of: (flow: PipelineSnapshot) => number) => flows.reduce((total, flow) => total + of(flow), 0);
  const reasons = [...new Set(flows.flatMap(({ drops }) => Object.keys(drops)))];
  return [
    ['frames_in', String(sum(({ framesIn }) => framesIn))],
    ['frames_in_work', String(cameras.reduce((total, { framesInWork }) => total + framesInWork, 0))],
    ['frames_out', String(sum(({ framesOut }) => framesOut))],
    ['rate_in_hz', sum(({ rateInHz }) => rateInHz).toFixed(1)],
    ['rate_out_hz', sum(({ rateOutHz }) => rateOutHz).toFixed(1)],
    ['dropped', String(sum(({ dropsTotal }) => dropsTotal))],
    ...reasons.map(
      (reason): ReportValue => [`dropped.${reason}`, String(sum(({ drops }) => drops[reason] ?? 0))],
    ),
  ];
}

/** Times of one camera's frames. */
function timeValues(pipeline: PipelineSnapshot): ReportValue[] {
  return [
    ['rate_possible_hz', pipeline.ratePossibleHz?.toFixed(1) ?? ''],
    ...percentileEntries('age_ms', pipeline.stampAgeMs),
    ...percentileEntries('taken_to_result_ms', pipeline.takenToResultMs),
    ...stageNames.flatMap((stage) => percentileEntries(`stage_ms.${stage}`, pipeline.stagesMs[stage])),
    ...(pipeline.clockMismatchMs === null
      ? []
      : [['clock_mismatch_ms', pipeline.clockMismatchMs.toFixed(0)] as const]),
  ];
}

function inputValues(input: InputCounters): ReportValue[] {
  return [
    ['input.loaned', String(input.loaned)],
    ['input.copied', String(input.copied)],
    ['input.lost', String(input.lost ?? 'unknown')],
    ['input.superseded_native', String(input.supersededNative)],
    ['input.taken', String(input.taken)],
    ['input.returned', String(input.returned)],
    ['input.take_errors', String(input.takeErrors)],
  ];
}

/** The report of one camera as pairs of a status; times in milliseconds, rates in Hz. */
export function cameraValues(camera: CameraReport): ReportValue[] {
  const { pipeline, input, outputs, depth, overlayErrors } = camera;
  const outputValues = outputs.flatMap(({ topic, handedOver, refused }): ReportValue[] => {
    const name = topic.replace('~/', '');
    return [
      [`output.${name}.handed_over`, String(handedOver)],
      [`output.${name}.refused`, String(refused)],
    ];
  });
  return [
    ...flowValues([camera]),
    ...(pipeline === null ? [] : timeValues(pipeline)),
    ...(input === null ? [] : inputValues(input)),
    ...outputValues,
    ...(depth === null ? [] : depthEntries(depth)),
    ['overlay_errors', String(overlayErrors)],
  ];
}

/**
 * The report of the node as pairs of a status. Those of its camera are among them where there is one, and what may be summed
 * of several.
 */
export function nodeValues(report: NodeReport): ReportValue[] {
  const [first, ...others] = report.cameras;
  const ofCameras =
    others.length === 0 && first !== undefined ? cameraValues(first) : flowValues(report.cameras);
  return [...ownValues(report), ...ofCameras];
}

function depthEntries(depth: DepthReport): ReportValue[] {
  const { pictures, refused, paired, unpaired, waiting, waitMs, workMs } = depth;
  return [
    ['depth.pictures', String(pictures)],
    ...Object.entries(refused).map(([reason, n]): ReportValue => [`depth.refused.${reason}`, `${n}`]),
    ['depth.paired', String(paired)],
    ...Object.entries(unpaired).map(([reason, n]): ReportValue => [`depth.unpaired.${reason}`, `${n}`]),
    ['depth.waiting', String(waiting)],
    ...percentileEntries('depth.wait_ms', waitMs),
    ...percentileEntries('depth.work_ms', workMs),
  ];
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
