import type { SizedPicture } from '../camera/frames.js';
import { pictureAsFrame } from '../camera/pictureFrame.js';
import type { BackendSession } from '../core/ports.js';
import type { PostprocessOptions, StageTimesMs } from '../core/result.js';
import { runEveryFrame } from '../pipeline/everyFrame.js';

/** What was measured with one number of frames in flight. */
export interface Run {
  /** From the start of the first frame to the last result, post-processing included. */
  readonly runMs: number;
  /** One entry per frame, in order of completion. */
  readonly stageTimesMs: readonly StageTimesMs[];
  /** Found in all frames together; the same for every number of tasks, or something is wrong. */
  readonly instanceCount: number;
}

/** One measurement: a session, the pictures it is shown, and how often. */
export interface MeasureRequest {
  readonly session: BackendSession;
  /** Shown in turn; not empty. */
  readonly pictures: readonly SizedPicture[];
  readonly frames: number;
  readonly options: PostprocessOptions;
  /** No frame is started after it is aborted. */
  readonly signal: AbortSignal;
  readonly onFrame: (done: number) => void;
}

/**
 * Runs frames through a session with as many in work as it takes.
 *
 * After an abort it resolves with the frames that were done. Rejects as the session does, once no frame is in
 * work any more.
 */
export async function measure(request: MeasureRequest): Promise<Run> {
  const { session, pictures, frames, options, signal, onFrame } = request;
  const stageTimesMs: StageTimesMs[] = [];
  let instanceCount = 0;
  let started = 0;
  const startMs = performance.now();
  await runEveryFrame({
    session,
    next: () => (started < frames ? started++ : null),
    openFrame: (index) => pictureAsFrame(pictures[index % pictures.length]!, index),
    postprocess: options,
    previewRequest: () => null,
    signal,
    onResult: (_, result) => {
      stageTimesMs.push(result.stageTimesMs);
      instanceCount += result.instances.count;
      onFrame(stageTimesMs.length);
    },
  });
  return { runMs: performance.now() - startMs, stageTimesMs, instanceCount };
}
