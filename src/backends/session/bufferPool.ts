import { SegError } from '../../core/errors.js';

/** A limited number of ordinary ArrayBuffers of one size; each is made when first needed and used again. */
export class BufferPool {
  readonly byteLength: number;
  readonly #capacity: number;
  readonly #free: ArrayBuffer[] = [];
  #taken = 0;

  constructor(byteLength: number, capacity: number) {
    this.byteLength = byteLength;
    this.#capacity = capacity;
  }

  /** Buffers that are with somebody else now. */
  get taken(): number {
    return this.#taken;
  }

  /** Throws SegError `too_many_in_flight` if all are taken: the caller has more frames in work than agreed. */
  take(): ArrayBuffer {
    if (this.#taken >= this.#capacity) {
      throw new SegError(
        'too_many_in_flight',
        `${this.#taken} model inputs are in use; the session was opened for ${this.#capacity} at once`,
        { taken: this.#taken, capacity: this.#capacity },
      );
    }
    this.#taken++;
    return this.#free.pop() ?? new ArrayBuffer(this.byteLength);
  }

  /** Takes a buffer back. One that was transferred comes back as another object over the same memory. */
  give(buffer: ArrayBuffer): void {
    this.#taken--;
    if (buffer.byteLength === this.byteLength) this.#free.push(buffer);
  }
}
