/** How many frames may be saved up: half of one, so that jitter of a camera at the very rate costs no frame. */
const depth = 1.5;
/** A share of a frame that clocks and roundings of stamps may be off. */
const tolerance = 1e-3;

/**
 * Thins frames to a rate by the time at which they were seen, evenly: of 30 frames a second every sixth is left for 5.
 *
 * A token bucket on the camera's time: pauses of this process change nothing. A step backwards counts as one forwards: a
 * recording that begins anew does not wait, and frames in disorder are thinned nevertheless, though to more than the rate.
 */
export class RateThinner {
  #seenMs: number | null = null;
  #tokens = depth;

  /**
   * Whether the frame is to be taken. Call once for each, in the order of their coming.
   *
   * @param seenMs When it was seen, milliseconds of any one clock.
   * @param maxRateHz At this moment; 0 takes every frame.
   */
  takes(seenMs: number, maxRateHz: number): boolean {
    const sinceMs = Math.abs(seenMs - (this.#seenMs ?? seenMs));
    this.#seenMs = seenMs;
    if (maxRateHz === 0) {
      this.#tokens = depth;
      return true;
    }
    this.#tokens = Math.min(depth, this.#tokens + (sinceMs * maxRateHz) / 1000);
    if (this.#tokens < 1 - tolerance) return false;
    this.#tokens -= 1;
    return true;
  }
}
