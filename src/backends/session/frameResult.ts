import type { PreparedFrame } from '../../core/ports.js';
import type { FrameResult } from '../../core/result.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';

/** What a session adds to a prepared frame. */
export interface InferenceTimes {
  readonly queueMs: number;
  readonly inferMs: number;
}

/** The result of a prepared frame, with the times of all its stages. */
export function frameResult(
  { header, geometry, waitMs, prepareMs }: PreparedFrame,
  { queueMs, inferMs }: InferenceTimes,
  { instances, decodeMs, masksMs, candidateCount, candidatesCut }: PostprocessResult,
): FrameResult {
  return {
    header,
    geometry,
    instances,
    stageTimesMs: {
      wait: waitMs,
      prepare: prepareMs,
      queue: queueMs,
      infer: inferMs,
      decode: decodeMs,
      masks: masksMs,
    },
    candidateCount,
    candidatesCut,
    tracks: null,
    depths: null,
  };
}
