import { type FrameResult, type StageName, stageNames } from '../core/result.js';

/** ai_msgs/Perf */
export interface Perf {
  readonly type: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly durationMs: number;
}

/**
 * Ends of the names that dnn_node gives its stages, in its order; its fifth entry is the whole way. Consumers read them by
 * position, too.
 */
const theirs = [
  ['prepare', 'preprocess'],
  ['infer', 'predict_infer'],
  ['decode', 'predict_parse'],
  ['masks', 'postprocess'],
] as const satisfies readonly (readonly [StageName, string])[];
/** Our stages that have no counterpart there; they stand behind. */
const ours = ['wait', 'queue'] as const satisfies readonly StageName[];

const nsPerMs = 1e6;

/**
 * One entry per stage as dnn_node has them, then the whole way from the stamp of the frame to `now`, then the stages that
 * only this node has.
 *
 * Stages are known by duration only: their instants are laid end to end back from `now`. The whole way is left out
 * where it is negative or above `latencyLimitMs`: the stamp is of another clock then. Where the time is not known, the
 * stages end at the stamp.
 */
export function stagePerfs(
  { header, stageTimesMs }: Pick<FrameResult, 'header' | 'stageTimesMs'>,
  modelName: string,
  nowNs: bigint | null,
  latencyLimitMs: number,
): Perf[] {
  const ends = {} as Record<StageName, bigint>;
  let endNs = nowNs ?? header.stampNs;
  for (const stage of [...stageNames].reverse()) {
    ends[stage] = endNs;
    endNs -= nanoseconds(stageTimesMs[stage]);
  }
  const perf = (stage: StageName, suffix: string): Perf => {
    const durationMs = stageTimesMs[stage];
    return {
      type: `${modelName}_${suffix}`,
      startNs: ends[stage] - nanoseconds(durationMs),
      endNs: ends[stage],
      durationMs,
    };
  };
  const perfs = theirs.map(([stage, suffix]) => perf(stage, suffix));
  const latencyNs = nowNs === null ? -1n : nowNs - header.stampNs;
  const durationMs = Number(latencyNs) / nsPerMs;
  if (durationMs >= 0 && durationMs <= latencyLimitMs) {
    const endNs = header.stampNs + latencyNs;
    perfs.push({ type: `${modelName}_pipeline`, startNs: header.stampNs, endNs, durationMs });
  }
  return [...perfs, ...ours.map((stage) => perf(stage, stage))];
}

const nanoseconds = (ms: number) => BigInt(Math.round(ms * nsPerMs));
