import { ConfigError, FrameError } from '../core/errors.js';
import type { FrameHeader, FrameLease } from '../core/frame.js';
import type { BackendSession, PreviewRequest } from '../core/ports.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from '../core/result.js';
import { Semaphore } from './semaphore.js';

/** Frames that are all to be seen, and whom their results go to. */
export interface EveryFrameRequest<Item> {
  readonly session: BackendSession;
  /** What the next frame is made of, null behind the last one; asked for again before it has answered. */
  readonly next: () => Item | null | Promise<Item | null>;
  readonly openFrame: (item: Item) => FrameLease | Promise<FrameLease>;
  readonly postprocess: PostprocessOptions;
  readonly previewRequest: (header: FrameHeader) => PreviewRequest | null;
  /** No frame is started after it is aborted. */
  readonly signal: AbortSignal;
  /** In order of completion; the next frame of its lane waits for it. */
  readonly onResult: (item: Item, result: FrameResult, preview: PreviewImage | null) => void | Promise<void>;
  /** A frame that could not be opened or failed alone; without it such a frame ends the run. */
  readonly onFault?: (item: Item, fault: FrameError | ConfigError) => void | Promise<void>;
}

/**
 * Runs every frame through a session, where the node's pipeline would drop those that come too fast: always
 * `session.framesInFlight` of them at once, and `session.inputsInFlight` up to their inference.
 *
 * After an abort it resolves with the frames that were done. Rejects as the session, `openFrame` and `onResult` do,
 * once no frame is in work any more.
 */
export async function runEveryFrame<Item>(request: EveryFrameRequest<Item>): Promise<void> {
  const { session, signal } = request;
  const inputs = new Semaphore(session.inputsInFlight);
  let hasEnded = false;
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (;;) {
      const giveBack = await inputs.take();
      try {
        if (hasEnded || signal.aborted || hasFailed) return;
        const item = await request.next();
        if (item === null) {
          hasEnded = true;
          return;
        }
        const outcome = await frameOutcome(request, item, giveBack);
        if (outcome !== null) await request.onResult(item, outcome.result, outcome.preview);
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
async function frameOutcome<Item>(
  { session, openFrame, postprocess, previewRequest, onFault }: EveryFrameRequest<Item>,
  item: Item,
  onInferred: () => void,
): Promise<{ readonly result: FrameResult; readonly preview: PreviewImage | null } | null> {
  try {
    const frame = await openFrame(item);
    const prepared = await session.prepare(frame, previewRequest(frame.header)).finally(() => frame.close());
    return { result: await session.run(prepared, postprocess, onInferred), preview: prepared.preview };
  } catch (error) {
    const isAlone = error instanceof FrameError || error instanceof ConfigError;
    if (!isAlone || onFault === undefined) throw error;
    await onFault(item, error);
    return null;
  }
}
