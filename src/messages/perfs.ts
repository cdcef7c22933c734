import { type FrameResult, type StageName, stageNames } from '../core/result.js';

/** ai_msgs/Perf */
export interface Perf {
  readonly type: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly durationMs: number;
}

/** Ends of the names that TROS nodes give their stages; the first two have no counterpart there. */
const suffixes: Readonly<Record<StageName, string>> = {
  wait: 'wait',
  queue: 'queue',
  prepare: 'preprocess',
  infer: 'predict_infer',
  decode: 'predict_parse',
  masks: 'postprocess',
};

const nsPerMs = 1e6;

/**
 * One entry per stage, in order of the frame's way, and one for the whole way from the stamp of the frame to `nowNs`.
 *
 * Stages are known by duration only: their instants are laid end to end back from `nowNs`. The whole way is left out
 * where it is negative or above `latencyLimitMs`: the stamp is of another clock then.
 */
export function stagePerfs(
  { header, stageTimesMs }: Pick<FrameResult, 'header' | 'stageTimesMs'>,
  modelName: string,
  nowNs: bigint,
  latencyLimitMs: number,
): Perf[] {
  const perfs: Perf[] = [];
  let endNs = nowNs;
  for (const stage of [...stageNames].reverse()) {
    const durationMs = stageTimesMs[stage];
    const startNs = endNs - BigInt(Math.round(durationMs * nsPerMs));
    perfs.unshift({ type: `${modelName}_${suffixes[stage]}`, startNs, endNs, durationMs });
    endNs = startNs;
  }
  const latencyMs = Number(nowNs - header.stampNs) / nsPerMs;
  if (latencyMs >= 0 && latencyMs <= latencyLimitMs) {
    perfs.push({
      type: `${modelName}_pipeline`,
      startNs: header.stampNs,
      endNs: nowNs,
      durationMs: latencyMs,
    });
  }
  return perfs;
}
