/** How many frames may be saved up: half of one, so that jitter of a camera at the very rate costs no frame. */
const depth = 1.5;
/** A share of a frame that clocks and roundings of stamps may be off. */
const tolerance = 1e-3;
/** So many frames in a row of one time are no doubled frames any more: the clock of the camera stands still. */
const standingFrames = 3;

/**
 * Thins frames to a rate by the time of their stamps, evenly: of 30 frames a second every sixth is left for 5.
 *
 * A token bucket on the camera's time: pauses of this process change nothing. A step backwards counts as one forwards: a
 * recording that begins anew does not wait, and frames in disorder are thinned nevertheless, though to more than the rate. While
 * stamps stand still, or are 0, time passes by our clock; what has passed so is not counted again when they go on.
 */
export class RateThinner {
  #stampMs: number | null = null;
  #takenMs: number | null = null;
  /** What has passed by our clock since the stamp changed. */
  #passedMs = 0;
  #sameStamps = 0;
  #tokens = depth;

  /** Whether the last frames all had one stamp, or none. */
  get isStanding(): boolean {
    return this.#sameStamps >= standingFrames;
  }

  /**
   * Whether the frame is to be taken. Call once for each, in the order of their coming.
   *
   * @param stampMs When the camera saw it, milliseconds of any one clock; 0 where it does not say.
   * @param takenMs When it came, milliseconds of our clock.
   * @param maxRateHz At this moment; 0 takes every frame.
   */
  takes(stampMs: number, takenMs: number, maxRateHz: number): boolean {
    const sinceMs = this.#sinceMs(stampMs, takenMs);
    if (maxRateHz === 0) {
      this.#tokens = depth;
      return true;
    }
    this.#tokens = Math.min(depth, this.#tokens + (sinceMs * maxRateHz) / 1000);
    if (this.#tokens < 1 - tolerance) return false;
    this.#tokens -= 1;
    return true;
  }

  #sinceMs(stampMs: number, takenMs: number): number {
    const steppedMs = Math.abs(stampMs - (this.#stampMs ?? stampMs));
    const passedMs = takenMs - (this.#takenMs ?? takenMs);
    this.#stampMs = stampMs;
    this.#takenMs = takenMs;
    if (steppedMs === 0) {
      this.#sameStamps++;
      this.#passedMs += passedMs;
      return passedMs;
    }
    const leftMs = Math.max(0, steppedMs - this.#passedMs);
    this.#sameStamps = 0;
    this.#passedMs = 0;
    return leftMs;
  }
}
