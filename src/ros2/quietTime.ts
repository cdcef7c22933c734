/**
 * For how long nothing has come of a topic, as the node's time counts it and our own: a bag that is played slowly or stands still
 * is not quiet.
 */
export class QuietTime {
  readonly #elapsedMs: () => number;
  /** The node's time at the start and then at each message. */
  #sinceMs: number;
  #ownSinceMs = performance.now();
  #lastMs: number | null = null;

  /** Counts from now on. @param elapsedMs Milliseconds that have passed for the node, from any origin. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
    this.#sinceMs = elapsedMs();
  }

  /** When the last message came, by `performance.now`; null where none has come. */
  get lastMs(): number | null {
    return this.#lastMs;
  }

  /** A message has come. */
  end(): void {
    this.#lastMs = performance.now();
    this.#ownSinceMs = this.#lastMs;
    this.#sinceMs = this.#elapsedMs();
  }

  /** Milliseconds since the last message, or since the start. */
  get forMs(): number {
    const elapsedMs = this.#elapsedMs();
    // Another clock has another origin.
    this.#sinceMs = Math.min(this.#sinceMs, elapsedMs);
    return Math.min(elapsedMs - this.#sinceMs, performance.now() - this.#ownSinceMs);
  }
}
