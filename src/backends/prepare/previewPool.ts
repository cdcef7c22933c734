/** Most unused preview buffers kept: one being drawn, one waiting, one being filled. */
const keptBuffers = 3;

/**
 * Preview buffers that receivers may give back or not: one that is not given back is left to the garbage
 * collector, so a receiver that crashes leaks nothing.
 */
export class PreviewPool {
  #free: ArrayBuffer[] = [];
  #byteLength = 0;

  take(byteLength: number): ArrayBuffer {
    if (byteLength !== this.#byteLength) {
      this.#byteLength = byteLength;
      this.#free = [];
    }
    return this.#free.pop() ?? new ArrayBuffer(byteLength);
  }

  /** Buffers of a size no longer asked for are let go. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#byteLength && this.#free.length < keptBuffers) this.#free.push(buffer);
  }
}
