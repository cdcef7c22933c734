/** Bytes before the message: representation CDR little endian, no options. */
const encapsulation = [0, 1, 0, 0];

/**
 * Writes one message after the other into one growing buffer, as XCDR1 little endian.
 *
 * Values are aligned to their size, counted from the end of the encapsulation header. Byte arrays are copied in
 * bulk or written in place by the caller (`reserveBytes`); nothing is allocated once the buffer is large enough.
 */
export class CdrWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  readonly #textEncoder = new TextEncoder();

  constructor(capacityBytes = 4096) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Starts a message; what was borrowed of the one before is overwritten. */
  begin(): this {
    this.#at = 0;
    this.#ensure(encapsulation.length);
    this.#bytes.set(encapsulation);
    this.#at = encapsulation.length;
    return this;
  }

  /** The finished message, borrowed until the next `begin`. */
  borrowMessage(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  uint8(value: number): this {
    this.#place(1);
    this.#bytes[this.#at - 1] = value;
    return this;
  }

  int16(value: number): this {
    const at = this.#place(2);
    this.#view.setInt16(at, value, true);
    return this;
  }

  uint16(value: number): this {
    const at = this.#place(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  int32(value: number): this {
    const at = this.#place(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  uint32(value: number): this {
    const at = this.#place(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  uint64(value: bigint): this {
    const at = this.#place(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  float32(value: number): this {
    const at = this.#place(4);
    this.#view.setFloat32(at, value, true);
    return this;
  }

  float64(value: number): this {
    const at = this.#place(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /** UTF-8 with its length and terminator. */
  text(value: string): this {
    // Three bytes hold any UTF-16 unit.
    this.#ensure(8 + value.length * 3);
    const lengthAt = this.#place(4);
    const { written } = this.#textEncoder.encodeInto(value, this.#bytes.subarray(this.#at));
    this.#bytes[this.#at + written] = 0;
    this.#view.setUint32(lengthAt, written + 1, true);
    this.#at += written + 1;
    return this;
  }

  /** A sequence of bytes: length and copy. */
  byteSequence(bytes: Uint8Array): this {
    this.reserveBytes(bytes.length).set(bytes);
    return this;
  }

  /** A sequence of `count` bytes to be filled by the caller before the next call; holds what was there. */
  reserveBytes(count: number): Uint8Array {
    this.uint32(count);
    this.#ensure(count);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A sequence of `count` float32, to be filled like `reserveBytes`. */
  reserveFloats(count: number): Float32Array {
    this.uint32(count);
    this.#ensure(count * 4);
    this.#at += count * 4;
    // The writer stands on a multiple of four of its own buffer: the encapsulation is four bytes.
    return new Float32Array(this.#bytes.buffer, this.#at - count * 4, count);
  }

  /** A sequence of uint32. */
  uint32Sequence(values: Uint32Array): this {
    this.uint32(values.length);
    this.#ensure(values.byteLength);
    // The writer stands on a multiple of four here as well.
    new Uint32Array(this.#bytes.buffer, this.#at, values.length).set(values);
    this.#at += values.byteLength;
    return this;
  }

  /** Aligns to `size`, makes room and returns where the value goes; may replace the buffer and its view. */
  #place(size: number): number {
    const past = (this.#at - encapsulation.length) % size;
    const padding = past === 0 ? 0 : size - past;
    this.#ensure(padding + size);
    this.#bytes.fill(0, this.#at, this.#at + padding);
    const at = this.#at + padding;
    this.#at = at + size;
    return at;
  }

  #ensure(moreBytes: number): void {
    const needed = this.#at + moreBytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
