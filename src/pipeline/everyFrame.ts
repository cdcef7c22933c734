import { ConfigError, FrameError } from '../core/errors.js';
import type { FrameHeader, FrameLease } from '../core/frame.js';
import type { BackendSession, PreviewRequest } from '../core/ports.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from '../core/result.js';
import { Semaphore } from './semaphore.js';

/** Frames that are all to be seen, and whom their results go to. */
export interface EveryFrameRequest {
  readonly session: BackendSession;
  /** How many frames there are; asked for by their number, from 0. */
  readonly frameCount: number;
  readonly openFrame: (index: number) => FrameLease | Promise<FrameLease>;
  readonly postprocess: PostprocessOptions;
  readonly previewRequest: (header: FrameHeader) => PreviewRequest | null;
  /** No frame is started after it is aborted. */
  readonly signal: AbortSignal;
  /** In order of completion; the next frame of its lane waits for it. */
  readonly onResult: (
    index: number,
    result: FrameResult,
    preview: PreviewImage | null,
  ) => void | Promise<void>;
  /** A frame that could not be opened or failed alone; without it such a frame ends the run. */
  readonly onFault?: (index: number, fault: FrameError | ConfigError) => void;
}

/**
 * Runs every frame through a session, where the node's pipeline would drop those that come too fast: always
 * `session.framesInFlight` of them at once, and `session.inputsInFlight` up to their inference.
 *
 * After an abort it resolves with the frames that were done. Rejects as the session, `openFrame` and `onResult` do,
 * once no frame is in work any more.
 */
export async function runEveryFrame(request: EveryFrameRequest): Promise<void> {
  const { session, frameCount, signal } = request;
  const inputs = new Semaphore(session.inputsInFlight);
  let started = 0;
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (;;) {
      const giveBack = await inputs.take();
      if (started >= frameCount || signal.aborted || hasFailed) {
        giveBack();
        return;
      }
      const index = started++;
      try {
        const outcome = await frameOutcome(request, index, giveBack);
        if (outcome !== null) await request.onResult(index, outcome.result, outcome.preview);
      } catch (error) {
        hasFailed = true;
        throw error;
      } finally {
        giveBack();
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: session.framesInFlight }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
}

/** Null for a frame that failed alone and was told. */
async function frameOutcome(
  { session, openFrame, postprocess, previewRequest, onFault }: EveryFrameRequest,
  index: number,
  onInferred: () => void,
): Promise<{ readonly result: FrameResult; readonly preview: PreviewImage | null } | null> {
  try {
    const frame = await openFrame(index);
    const prepared = await session.prepare(frame, previewRequest(frame.header)).finally(() => frame.close());
    return { result: await session.run(prepared, postprocess, onInferred), preview: prepared.preview };
  } catch (error) {
    const isAlone = error instanceof FrameError || error instanceof ConfigError;
    if (!isAlone || onFault === undefined) throw error;
    onFault(index, error);
    return null;
  }
}
