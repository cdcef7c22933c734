import type { SizedPicture } from '../camera/frames.js';
import { pictureAsFrame } from '../camera/pictureFrame.js';
import type { BackendSession } from '../core/ports.js';
import type { PostprocessOptions, StageTimesMs } from '../core/result.js';
import { Semaphore } from './semaphore.js';

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
 * Runs frames through a session as the pipeline does: always `session.framesInFlight` of them at once, and
 * `session.inputsInFlight` up to their inference.
 *
 * After an abort it resolves with the frames that were done. Rejects as the session does, once no frame is in
 * work any more.
 */
export async function measure(request: MeasureRequest): Promise<Run> {
  const { session, pictures, frames, options, signal, onFrame } = request;
  const stageTimesMs: StageTimesMs[] = [];
  let instanceCount = 0;
  let started = 0;
  let failed = false;
  const inputs = new Semaphore(session.inputsInFlight);
  const work = async (): Promise<void> => {
    for (;;) {
      const giveBack = await inputs.take();
      if (started >= frames || signal.aborted || failed) {
        giveBack();
        return;
      }
      const sequence = started++;
      const frame = pictureAsFrame(pictures[sequence % pictures.length]!, sequence);
      try {
        const prepared = await session.prepare(frame, null).finally(() => frame.close());
        const result = await session.run(prepared, options, giveBack);
        stageTimesMs.push(result.stageTimesMs);
        instanceCount += result.instances.count;
      } catch (error) {
        failed = true;
        throw error;
      } finally {
        giveBack();
      }
      onFrame(stageTimesMs.length);
    }
  };
  const startMs = performance.now();
  const lanes = await Promise.allSettled(Array.from({ length: session.framesInFlight }, work));
  const runMs = performance.now() - startMs;
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
  return { runMs, stageTimesMs, instanceCount };
}
