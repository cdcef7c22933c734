import { settledWithin } from '../core/deadline.js';
import { ClosedError, FrameError } from '../core/errors.js';
import type { FrameHeader, FrameLease } from '../core/frame.js';
import type { BackendSession, PreparedFrame, PreviewRequest } from '../core/ports.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from '../core/result.js';
import { stopLimitsMs } from '../core/stopLimits.js';
import { FrameScheduler, type Place } from './frameScheduler.js';
import { LatestOnly } from './latestOnly.js';
import {
  type DropReason,
  type PipelineClock,
  type PipelineDropReason,
  PipelineStats,
  systemClock,
} from './stats.js';

/** What a pipeline works with and whom it tells. */
export interface PipelineOptions {
  /** The caller closes it, after the pipeline. */
  readonly session: BackendSession;
  /** Of the pipelines that share the session; one of its own by default. */
  readonly scheduler?: FrameScheduler;
  /** Takes one result; the preview belongs to the receiver from here on. An error thrown here ends the pipeline. */
  readonly onResult: (result: FrameResult, preview: PreviewImage | null) => void;
  /** Told of each dropped frame after it was closed; `error` where a FrameError was the reason. */
  readonly onDrop?: (reason: DropReason, header: FrameHeader, error: FrameError | null) => void;
  /** Called at most once, when the pipeline has died; never while one of its own methods is being called. */
  readonly onError: (error: unknown) => void;
  /** Asked once per frame that is started: the preview wanted of it, or null. */
  readonly previewRequest: (header: FrameHeader) => PreviewRequest | null;
  /** Asked once per frame that is started, so that live parameters count from the next frame. */
  readonly postprocessOptions: () => PostprocessOptions;
  readonly clock?: PipelineClock;
  /** How long `close` waits for frames in work, milliseconds; by default `stopLimitsMs.pipeline`. */
  readonly drainTimeoutMs?: number;
}

type Outcome =
  | { readonly kind: 'result'; readonly result: FrameResult; readonly preview: PreviewImage | null }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly error: FrameError | null }
  | { readonly kind: 'failed'; readonly error: unknown };

interface StartedFrame {
  readonly generation: number;
  readonly header: FrameHeader;
  readonly takenMs: number;
  readonly place: Place;
  outcome: Outcome | null;
}

/**
 * Takes frames as they come and hands out results in the order in which the frames were started.
 *
 * At most `session.framesInFlight` frames are started and not done, `session.inputsInFlight` of them up to their
 * inference, and one waits, the latest: together they are in work. Pipelines that share a session share these places, by
 * one scheduler. Begins inactive. A frame that fails alone (FrameError) is counted; any other error ends the pipeline, so
 * that a failure is never published as "nothing seen".
 */
export class Pipeline {
  readonly stats: PipelineStats;
  readonly #options: PipelineOptions;
  readonly #waiting: LatestOnly;
  readonly #scheduler: FrameScheduler;
  readonly #applicant = { start: (place: Place) => this.#start(place) };
  /** Oldest first; results leave at the front only. */
  readonly #started: StartedFrame[] = [];
  #idleWaiters: (() => void)[] = [];
  #generation = 0;
  #state: 'inactive' | 'active' | 'dead' | 'closed' = 'inactive';

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.stats = new PipelineStats(options.clock ?? systemClock, options.session);
    this.#scheduler = options.scheduler ?? new FrameScheduler(options.session);
    this.#waiting = new LatestOnly((frame) => this.#drop('superseded', frame.header, null));
  }

  get state(): 'inactive' | 'active' | 'dead' | 'closed' {
    return this.#state;
  }

  /** Frames that were offered and are neither out nor dropped yet. */
  get inWork(): number {
    return this.#started.length + (this.#waiting.occupied ? 1 : 0);
  }

  /** Of these the frames that were started: between prepare and result. */
  get inFlight(): number {
    return this.#started.length;
  }

  /** Takes over the frame and closes it in every case. Never throws: it is called from native callbacks. */
  offer(frame: FrameLease): void {
    try {
      this.stats.countIn();
      if (this.#state !== 'active') {
        const reason = this.#state === 'dead' ? 'failed' : 'inactive';
        this.#giveUp(frame, reason);
        return;
      }
      this.#waiting.put(frame);
      this.#apply();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Lets frames in. Throws ClosedError if the pipeline is dead or closed. */
  activate(): void {
    if (this.#state === 'dead' || this.#state === 'closed') {
      throw new ClosedError('pipeline_closed', `activate() on a pipeline that is ${this.#state}`);
    }
    if (this.#state === 'active') return;
    this.stats.restartWindows();
    this.#state = 'active';
  }

  /**
   * Takes effect at once: the waiting frame is closed and results of frames in work will be dropped.
   *
   * The promise resolves when no frame is in work any more; it never rejects and need not be awaited.
   */
  deactivate(): Promise<void> {
    if (this.#state === 'active') {
      this.#state = 'inactive';
      this.#generation++;
      this.#closeWaiting('inactive');
    }
    return this.#idle();
  }

  /** Deactivates for good and waits for frames in work, at most `drainTimeoutMs`. Never rejects. */
  async close(): Promise<void> {
    const idle = this.deactivate();
    this.#state = 'closed';
    await settledWithin(idle, this.#options.drainTimeoutMs ?? stopLimitsMs.pipeline);
  }

  #idle(): Promise<void> {
    if (this.#started.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Asks for a place for the frame that waits. */
  #apply(): void {
    if (this.#state !== 'active' || !this.#waiting.occupied) return;
    // Results that wait for an older one hold memory, though no place: a task that hangs must not pile them up.
    if (this.#started.length < this.#options.session.framesInFlight) this.#scheduler.apply(this.#applicant);
  }

  #start(place: Place): void {
    const frame = this.#waiting.take()!;
    const { header, takenMs } = frame;
    const started: StartedFrame = { generation: this.#generation, header, takenMs, place, outcome: null };
    this.#started.push(started);
    void this.#work(started, frame).then(
      (outcome) => this.#settle(started, outcome),
      (error: unknown) => this.#settle(started, { kind: 'failed', error }),
    );
  }

  async #work(started: StartedFrame, frame: FrameLease): Promise<Outcome> {
    const { session } = this.#options;
    try {
      const { prepared, postprocess } = await this.#prepare(frame);
      if (started.generation !== this.#generation) {
        session.discard(prepared);
        return { kind: 'dropped', reason: 'stale', error: null };
      }
      const result = await session.run(prepared, postprocess, () => started.place.endInput());
      return { kind: 'result', result, preview: prepared.preview };
    } catch (error) {
      if (error instanceof FrameError) return { kind: 'dropped', reason: error.code, error };
      return { kind: 'failed', error };
    }
  }

  async #prepare(
    frame: FrameLease,
  ): Promise<{ readonly prepared: PreparedFrame; readonly postprocess: PostprocessOptions }> {
    const { session, previewRequest, postprocessOptions } = this.#options;
    try {
      const postprocess = postprocessOptions();
      return { prepared: await session.prepare(frame, previewRequest(frame.header)), postprocess };
    } finally {
      frame.close();
    }
  }

  #settle(started: StartedFrame, outcome: Outcome): void {
    started.outcome = outcome;
    for (let first = this.#started[0]; first?.outcome; first = this.#started[0]) {
      this.#started.shift();
      try {
        this.#deliver(first, first.outcome);
      } catch (error) {
        this.#fail(error);
      }
    }
    started.place.leave();
    this.#apply();
    if (this.#started.length === 0) {
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const resolve of waiters) resolve();
    }
  }

  #deliver(started: StartedFrame, outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      this.#drop('failed', started.header, null);
      this.#fail(outcome.error);
    } else if (outcome.kind === 'dropped') {
      this.#drop(outcome.reason, started.header, outcome.error);
    } else if (started.generation !== this.#generation) {
      if (outcome.preview !== null) this.#options.session.recyclePreview(outcome.preview.rgba);
      this.#drop(this.#state === 'dead' ? 'failed' : 'stale', started.header, null);
    } else {
      try {
        this.#options.onResult(outcome.result, outcome.preview);
      } catch (error) {
        this.#drop('failed', started.header, null);
        throw error;
      }
      this.stats.countOut(outcome.result, started.takenMs);
    }
  }

  #drop(reason: DropReason, header: FrameHeader, error: FrameError | null): void {
    this.stats.countDrop(reason);
    this.#options.onDrop?.(reason, header, error);
  }

  #closeWaiting(reason: PipelineDropReason): void {
    const frame = this.#waiting.take();
    if (frame === null) return;
    this.#scheduler.withdraw(this.#applicant);
    try {
      this.#giveUp(frame, reason);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Counts the frame even where its close fails. */
  #giveUp(frame: FrameLease, reason: PipelineDropReason): void {
    try {
      frame.close();
    } finally {
      this.#drop(reason, frame.header, null);
    }
  }

  #fail(error: unknown): void {
    if (this.#state === 'dead' || this.#state === 'closed') return;
    this.#state = 'dead';
    this.#generation++;
    // A throw of the handler must not reach the native caller of `offer`: it ends the process as uncaught.
    queueMicrotask(() => this.#options.onError(error));
    this.#closeWaiting('failed');
  }
}
