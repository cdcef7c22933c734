/** How many unused buffers are kept: about as many as frames are read, in work and written at once. */
const keptBuffers = 12;

/**
 * Buffers of one size for the bytes of frames, used again. Fresh ones cost more than the reading: their memory is
 * cleared, and V8 collects garbage for every few of them (33 times for 288 frames of 1080p).
 *
 * Whoever took one may give it back when nobody reads it any more, but need not.
 */
export class FrameBuffers {
  readonly #sizeBytes: number;
  readonly #free: Uint8Array[] = [];

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** Holds anything until it is written. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(this.#sizeBytes);
  }

  /** Must come from `take`, once. */
  giveBack(bytes: Uint8Array): void {
    if (this.#free.length < keptBuffers) this.#free.push(bytes);
  }
}
