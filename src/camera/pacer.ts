/**
 * Tells when the next frame is due, without drift: due times are multiples of the period since the start,
 * whatever the timers did in between.
 *
 * Due times that have passed are skipped and counted, as a camera loses a frame rather than sending two at once.
 */
export class Pacer {
  readonly #periodMs: number;
  readonly #startMs: number;
  #due = 0;
  #skipped = 0;

  /** @param rateHz 0: every frame is due at once. */
  constructor(rateHz: number, startMs: number) {
    this.#periodMs = rateHz === 0 ? 0 : 1000 / rateHz;
    this.#startMs = startMs;
  }

  /** Due times that were missed by a whole period or more. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Milliseconds from `nowMs` (the clock of `startMs`) until the next frame is due; 0 when it is due now. */
  waitMs(nowMs: number): number {
    if (this.#periodMs === 0) return 0;
    const passed = Math.floor((nowMs - this.#startMs) / this.#periodMs);
    if (passed > this.#due) {
      this.#skipped += passed - this.#due;
      this.#due = passed;
    }
    return Math.max(0, this.#startMs + this.#due * this.#periodMs - nowMs);
  }

  /** Call when the frame that was due has been sent. */
  sent(): void {
    this.#due++;
  }
}
