import { percentile } from '../core/percentile.js';
import type { StageName, StageTimesMs } from '../core/result.js';
import type { Run } from './measure.js';

/** Milliseconds per frame; percentiles by nearest rank. */
export interface LatencyMs {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/** Stages of a bench frame; `wait` is left out, frames are taken the moment they are prepared. */
export const benchStages = ['prepare', 'queue', 'infer', 'decode', 'masks'] as const satisfies StageName[];
type BenchStage = (typeof benchStages)[number];

/** The figures of one number of tasks in flight; docs/bench.md explains each. */
export interface TaskFigures {
  readonly tasksInFlight: number;
  readonly frames: number;
  readonly runMs: number;
  readonly framesPerSecond: number;
  /** Prepare start to inference result, post-processing not included. */
  readonly latencyMs: LatencyMs;
  /** Mean of decode and masks. */
  readonly postprocessMs: number;
  /** Of latency and post-processing together, 0 to 1. */
  readonly postprocessShare: number;
  readonly stageMeanMs: Readonly<Record<BenchStage, number>>;
  readonly instanceCount: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function latencyOf({ prepare, queue, infer }: StageTimesMs): number {
  return prepare + queue + infer;
}

/** Condenses a run of at least one frame. */
export function figuresOf(tasksInFlight: number, { runMs, stageTimesMs, instanceCount }: Run): TaskFigures {
  const latencies = stageTimesMs.map(latencyOf);
  const meanOf = (stage: BenchStage) => mean(stageTimesMs.map((times) => times[stage]));
  const stageMeanMs = {
    prepare: meanOf('prepare'),
    queue: meanOf('queue'),
    infer: meanOf('infer'),
    decode: meanOf('decode'),
    masks: meanOf('masks'),
  };
  const latencyMs = {
    mean: mean(latencies),
    p50: percentile(latencies, 0.5)!,
    p95: percentile(latencies, 0.95)!,
    min: percentile(latencies, 0)!,
    max: percentile(latencies, 1)!,
  };
  const postprocessMs = stageMeanMs.decode + stageMeanMs.masks;
  return {
    tasksInFlight,
    frames: stageTimesMs.length,
    runMs,
    framesPerSecond: (stageTimesMs.length * 1000) / runMs,
    latencyMs,
    postprocessMs,
    postprocessShare: postprocessMs / (latencyMs.mean + postprocessMs),
    stageMeanMs,
    instanceCount,
  };
}
