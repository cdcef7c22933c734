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
  /** In the order in which the frames were started, one at a time; a few results wait for it. */
  readonly onResult: (item: Item, result: FrameResult, preview: PreviewImage | null) => void | Promise<void>;
  /** A frame that could not be opened or failed alone, in its place; without it such a frame ends the run. */
  readonly onFault?: (item: Item, fault: FrameError | ConfigError) => void | Promise<void>;
  /** The last that is done with an item, whatever became of it. */
  readonly onLeft?: (item: Item) => void;
  /** Told once that the run fails, while it may still wait for what `next` was asked: that need not come any more. */
  readonly onFailure?: () => void;
}

type Outcome =
  | { readonly result: FrameResult; readonly preview: PreviewImage | null }
  | { readonly fault: FrameError | ConfigError };

/** Lets what ends in any order go on in the order of its numbers. */
class Turns {
  #next = 0;
  #isOver = false;
  readonly #waiting = new Map<number, () => void>();

  /** Resolves when all numbers before have passed, or it is over. */
  async reach(number: number): Promise<void> {
    if (number === this.#next || this.#isOver) return;
    await new Promise<void>((go) => {
      this.#waiting.set(number, go);
    });
  }

  /** The number whose turn it is has had it. */
  pass(): void {
    const go = this.#waiting.get(++this.#next);
    this.#waiting.delete(this.#next);
    go?.();
  }

  /** Nobody has to wait any more. */
  end(): void {
    this.#isOver = true;
    for (const go of this.#waiting.values()) go();
    this.#waiting.clear();
  }
}

/**
 * How many results may wait for those before them to be told: so many more that the session need not wait while files are
 * written. Of 4K pictures with overlays each takes some 33 MB.
 */
const mostWaitingResults = 3;

/**
 * Runs every frame through a session, where the node's pipeline would drop those that come too fast: always
 * `session.framesInFlight` of them at once, and `session.inputsInFlight` up to their inference.
 *
 * After an abort it resolves with the frames that were done. Rejects as the session, `next`, `openFrame` and the callbacks
 * do, once no frame is in work any more.
 */
export async function runEveryFrame<Item>(request: EveryFrameRequest<Item>): Promise<void> {
  const { session, signal } = request;
  const frames = new Semaphore(session.framesInFlight);
  const inputs = new Semaphore(session.inputsInFlight);
  const turns = new Turns();
  let started = 0;
  let hasEnded = false;
  let hasFailed = false;
  /** False when there are no more frames. */
  const oneFrame = async (giveFrame: () => void, giveInput: () => void): Promise<boolean> => {
    if (hasEnded || signal.aborted || hasFailed) return false;
    const number = started++;
    const item = await request.next();
    if (item === null) {
      hasEnded = true;
      return false;
    }
    try {
      const outcome = await frameOutcome(request, item, giveInput);
      giveInput();
      giveFrame();
      await turns.reach(number);
      if (hasFailed) return false;
      if ('fault' in outcome) await request.onFault?.(item, outcome.fault);
      else await request.onResult(item, outcome.result, outcome.preview);
      turns.pass();
      return true;
    } finally {
      request.onLeft?.(item);
    }
  };
  const lane = async (): Promise<void> => {
    for (let goesOn = true; goesOn; ) {
      const giveFrame = await frames.take();
      const giveInput = await inputs.take();
      try {
        goesOn = await oneFrame(giveFrame, giveInput);
      } catch (error) {
        if (!hasFailed) request.onFailure?.();
        hasFailed = true;
        turns.end();
        throw error;
      } finally {
        giveInput();
        giveFrame();
      }
    }
  };
  const lanes = await Promise.allSettled(
    Array.from({ length: session.framesInFlight + mostWaitingResults }, lane),
  );
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
}

/** A fault only where somebody is told of it. */
async function frameOutcome<Item>(
  { session, openFrame, postprocess, previewRequest, onFault }: EveryFrameRequest<Item>,
  item: Item,
  onInferred: () => void,
): Promise<Outcome> {
  try {
    const frame = await openFrame(item);
    const prepared = await session.prepare(frame, previewRequest(frame.header)).finally(() => frame.close());
    return { result: await session.run(prepared, postprocess, onInferred), preview: prepared.preview };
  } catch (error) {
    const isAlone = error instanceof FrameError || error instanceof ConfigError;
    if (!isAlone || onFault === undefined) throw error;
    return { fault: error };
  }
}
