/** How many unused buffers are kept: about as many as frames are read, in work and written at once. */
const keptBuffers = 12;

/**
 * Buffers for the bytes of frames, used again. Fresh ones cost more than the reading: their memory is cleared, and V8
 * collects garbage for every few of them (33 times for 288 frames of 1080p).
 *
 * One for all files of a run: each of its own would keep its buffers after its last frame. Whoever took one may give it
 * back when nobody reads it any more, but need not.
 */
export class FrameBuffers {
  /** Longest unused first. */
  readonly #free: Uint8Array[] = [];

  /** Holds anything until it is written. */
  take(sizeBytes: number): Uint8Array {
    const at = this.#free.findLastIndex(({ length }) => length === sizeBytes);
    return at < 0 ? new Uint8Array(sizeBytes) : this.#free.splice(at, 1)[0]!;
  }

  /** Must come from `take`, once. */
  giveBack(bytes: Uint8Array): void {
    this.#free.push(bytes);
    // Those of another size that nobody takes any more go first.
    if (this.#free.length > keptBuffers) this.#free.shift();
  }
}
