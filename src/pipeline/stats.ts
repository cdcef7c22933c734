import type { FrameErrorCode } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import { type FrameResult, type StageName, stageNames } from '../core/result.js';
import { type Percentiles, RateWindow, ValueWindow } from './windows.js';

/**
 * Why the pipeline itself drops a frame.
 *
 * superseded = a newer frame came before it was started; inactive = offered to, or waiting in, an inactive
 * pipeline; thinned = left out, before it was offered, to keep to a rate; stale = in work when the pipeline was deactivated; failed = the session died.
 */
export const pipelineDropReasons = ['superseded', 'inactive', 'thinned', 'stale', 'failed'] as const;
/** A reason out of {@link pipelineDropReasons}. */
export type PipelineDropReason = (typeof pipelineDropReasons)[number];

/** Why a frame was not published. */
export type DropReason = PipelineDropReason | FrameErrorCode;

/** Where the pipeline reads the time; tests give their own. */
export interface PipelineClock {
  /** Monotonic, milliseconds, the clock of `FrameLease.takenMs`. */
  nowMs(): number;
  /** Time since the epoch in milliseconds, the clock of `FrameHeader.stampNs`; null where it is not known. */
  realtimeMs(): number | null;
}

/** The clocks of this process. */
export const systemClock: PipelineClock = {
  nowMs: () => performance.now(),
  realtimeMs: () => Date.now(),
};

/** A stamp that is further from now than this shows that the clocks differ; no frame gets that old. */
export const clockMismatchLimitMs = 5000;

/** How many frames a session works on at once; see BackendSession. */
export interface FlightLimits {
  readonly framesInFlight: number;
  readonly inputsInFlight: number;
}

const oneAtATime: FlightLimits = { framesInFlight: 1, inputsInFlight: 1 };

/** What diagnostics, the overlay's status line and the demo table show. */
export interface PipelineSnapshot {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly rateInHz: number;
  readonly rateOutHz: number;
  /** Most results a second, of all pipelines on the session, as far as stage times tell; null before the first. */
  readonly ratePossibleHz: number | null;
  readonly dropsTotal: number;
  /** Count by reason; only reasons that have occurred. */
  readonly drops: Readonly<Record<string, number>>;
  /** Milliseconds per stage over the last frames. */
  readonly stagesMs: Readonly<Record<StageName, Percentiles>>;
  /** Taken from the transport to handed to the outputs, milliseconds. */
  readonly takenToResultMs: Percentiles;
  /** Stamp of the message to handed to the outputs, milliseconds; frames with a clock mismatch left out. */
  readonly stampAgeMs: Percentiles;
  /** Distance of the last stamp from our clock in milliseconds if above `clockMismatchLimitMs`, else null. */
  readonly clockMismatchMs: number | null;
}

/**
 * Counters and timings of one pipeline. Counting a frame allocates nothing; percentiles are worked out when
 * a snapshot is asked for.
 */
export class PipelineStats {
  readonly #clock: PipelineClock;
  readonly #drops: Record<string, number> = {};
  readonly #stages = stageNames.map(() => new ValueWindow());
  readonly #takenToResult = new ValueWindow();
  readonly #stampAge = new ValueWindow();
  readonly #in: RateWindow;
  readonly #out: RateWindow;
  readonly #limits: FlightLimits;
  #framesIn = 0;
  #framesOut = 0;
  #dropsTotal = 0;
  #clockMismatchMs: number | null = null;

  constructor(clock: PipelineClock = systemClock, limits: FlightLimits = oneAtATime) {
    this.#clock = clock;
    this.#limits = limits;
    this.#in = new RateWindow(clock.nowMs());
    this.#out = new RateWindow(clock.nowMs());
  }

  /** Counts every frame that arrived, whatever becomes of it. At any moment, in = out + dropped + in work. */
  countIn(): void {
    this.#framesIn++;
    this.#in.add(this.#clock.nowMs());
  }

  /**
   * Frames the source gives up before it offers them: refused (bad encoding, size, step) or replaced by a newer one.
   */
  countUnoffered(reason: DropReason, count = 1): void {
    for (let frame = 0; frame < count; frame++) {
      this.countIn();
      this.countDrop(reason);
    }
  }

  /** Counts the drop of a frame that has been counted as in. */
  countDrop(reason: DropReason): void {
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1;
    this.#dropsTotal++;
  }

  /** Call when the result is handed to the outputs. */
  countOut(result: FrameResult, takenMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#framesOut++;
    this.#out.add(nowMs);
    for (let stage = 0; stage < stageNames.length; stage++) {
      this.#stages[stage]!.add(result.stageTimesMs[stageNames[stage]!]);
    }
    this.#takenToResult.add(nowMs - takenMs);
    this.#countStamp(result.header);
  }

  #countStamp(header: FrameHeader): void {
    const nowMs = this.#clock.realtimeMs();
    if (nowMs === null) return;
    const ageMs = nowMs - Number(header.stampNs) / 1e6;
    if (Math.abs(ageMs) > clockMismatchLimitMs) {
      this.#clockMismatchMs = ageMs;
    } else {
      this.#clockMismatchMs = null;
      this.#stampAge.add(ageMs);
    }
  }

  /** Starts rates and timings anew, as after activation; counters go on. */
  restartWindows(): void {
    const nowMs = this.#clock.nowMs();
    this.#in.restart(nowMs);
    this.#out.restart(nowMs);
    for (const window of this.#stages) window.clear();
    this.#takenToResult.clear();
    this.#stampAge.clear();
    this.#clockMismatchMs = null;
  }

  /**
   * By Little's law: as many frames at once, divided by how long one takes, up to its inference and up to its result.
   * A stage that parallel frames share is slower with more of them, so that what was measured counts where it is more.
   */
  #ratePossibleHz(nowMs: number): number | null {
    const typicalMs = (stages: readonly StageName[]) =>
      stages.reduce((sum, name) => sum + (this.#stages[stageNames.indexOf(name)]!.percentiles().p50 ?? 0), 0);
    const inputMs = typicalMs(['prepare', 'queue', 'infer']);
    const wholeMs = inputMs + typicalMs(['decode', 'masks']);
    if (wholeMs === 0) return null;
    const { framesInFlight, inputsInFlight } = this.#limits;
    const possibleHz = 1000 * Math.min(framesInFlight / wholeMs, inputsInFlight / inputMs);
    return Math.max(possibleHz, this.#out.perSecond(nowMs));
  }

  snapshot(): PipelineSnapshot {
    const nowMs = this.#clock.nowMs();
    const stage = (name: StageName) => this.#stages[stageNames.indexOf(name)]!.percentiles();
    return {
      framesIn: this.#framesIn,
      framesOut: this.#framesOut,
      rateInHz: this.#in.perSecond(nowMs),
      rateOutHz: this.#out.perSecond(nowMs),
      ratePossibleHz: this.#ratePossibleHz(nowMs),
      dropsTotal: this.#dropsTotal,
      drops: { ...this.#drops },
      stagesMs: {
        wait: stage('wait'),
        prepare: stage('prepare'),
        queue: stage('queue'),
        infer: stage('infer'),
        decode: stage('decode'),
        masks: stage('masks'),
      },
      takenToResultMs: this.#takenToResult.percentiles(),
      stampAgeMs: this.#stampAge.percentiles(),
      clockMismatchMs: this.#clockMismatchMs,
    };
  }
}
