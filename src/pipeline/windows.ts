import { nearestRank } from '../core/percentile.js';

/** Percentiles of the values in a window; all null while it is empty. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The last `capacity` values of one measurement; adding makes no garbage. */
export class ValueWindow {
  readonly #values: Float64Array;
  readonly #sorted: Float64Array;
  #added = 0;

  constructor(capacity = 256) {
    this.#values = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  get count(): number {
    return Math.min(this.#added, this.#values.length);
  }

  add(value: number): void {
    this.#values[this.#added % this.#values.length] = value;
    this.#added++;
  }

  clear(): void {
    this.#added = 0;
  }

  /** Nearest-rank percentiles of what is in the window. */
  percentiles(): Percentiles {
    const count = this.count;
    if (count === 0) return { p50: null, p95: null, p99: null, max: null };
    this.#sorted.set(this.#values.subarray(0, count));
    const sorted = this.#sorted.subarray(0, count).sort();
    return {
      p50: nearestRank(sorted, 0.5),
      p95: nearestRank(sorted, 0.95),
      p99: nearestRank(sorted, 0.99),
      max: nearestRank(sorted, 1),
    };
  }
}

/** Events per second over a sliding window of time; adding makes no garbage. */
export class RateWindow {
  readonly #timesMs: Float64Array;
  readonly #windowMs: number;
  #added = 0;
  #startedMs: number;

  /**
   * @param startMs Time from which events could come. Until a whole window has passed, the rate is taken since then.
   * @param capacity How many events are remembered. Where more come in a window, the rate is taken over the time that
   *   the remembered ones span.
   */
  constructor(startMs: number, windowMs = 2000, capacity = 1024) {
    this.#startedMs = startMs;
    this.#windowMs = windowMs;
    this.#timesMs = new Float64Array(capacity);
  }

  add(nowMs: number): void {
    this.#timesMs[this.#added % this.#timesMs.length] = nowMs;
    this.#added++;
  }

  restart(nowMs: number): void {
    this.#added = 0;
    this.#startedMs = nowMs;
  }

  perSecond(nowMs: number): number {
    const capacity = this.#timesMs.length;
    const remembered = Math.min(this.#added, capacity);
    const sinceMs = nowMs - this.#windowMs;
    let count = 0;
    while (count < remembered && this.#timesMs[(this.#added - 1 - count) % capacity]! > sinceMs) count++;
    let spanMs = Math.min(this.#windowMs, nowMs - this.#startedMs);
    if (count === capacity) spanMs = Math.min(spanMs, nowMs - this.#timesMs[this.#added % capacity]!);
    return spanMs > 0 ? (count * 1000) / spanMs : 0;
  }
}
