import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How late timers of the event loop were since the last reset, beyond the sampling interval. */
export interface EventLoopLag {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** Watches how long the event loop of this thread is held up. */
export class EventLoopLagMonitor {
  readonly #resolutionMs: number;
  readonly #histogram: IntervalHistogram;

  /** @param resolutionMs Sampling interval; lag is seen to about this precision. */
  constructor(resolutionMs = 10) {
    this.#resolutionMs = resolutionMs;
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  }

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  reset(): void {
    this.#histogram.reset();
  }

  /** Null until there was a sample. */
  snapshot(): EventLoopLag | null {
    if (this.#histogram.count === 0) return null;
    // The histogram holds the whole time between two samples, in nanoseconds.
    const lagMs = (ns: number) => Math.max(0, ns / 1e6 - this.#resolutionMs);
    return {
      p50Ms: lagMs(this.#histogram.percentile(50)),
      p95Ms: lagMs(this.#histogram.percentile(95)),
      maxMs: lagMs(this.#histogram.max),
    };
  }
}
