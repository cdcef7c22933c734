/** A message in CDR, field by field; alignment counts from behind the encapsulation. */
export class Cdr {
  #bytes: number[] = [];
  readonly #isLittleEndian: boolean;

  constructor(isLittleEndian = true) {
    this.#isLittleEndian = isLittleEndian;
  }

  uint32(value: number): this {
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
    const four = [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
    this.#bytes.push(...(this.#isLittleEndian ? four : four.toReversed()));
    return this;
  }

  byte(value: number): this {
    this.#bytes.push(value);
    return this;
  }

  text(text: string): this {
    return this.uint32(text.length + 1).raw(Buffer.from(`${text}\0`, 'latin1'));
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  message(encapsulation = this.#isLittleEndian ? 1 : 0): Buffer {
    return Buffer.from([0, encapsulation, 0, 0, ...this.#bytes]);
  }
}

/** A header as cameras send it. */
export const headed = (cdr: Cdr) => cdr.uint32(7).uint32(9).text('lens');

/** The fields of a sensor_msgs/Image that may be wrong; as long as its data is. */
export interface ImageFields {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly encoding: string;
  readonly stepBytes: number;
}

/** A sensor_msgs/Image. */
export function imageMessage(
  { widthPx, heightPx, encoding, stepBytes }: ImageFields,
  data: Uint8Array,
): Buffer {
  const cdr = headed(new Cdr()).uint32(heightPx).uint32(widthPx).text(encoding).byte(0);
  return Buffer.concat([cdr.uint32(stepBytes).uint32(data.length).message(), data]);
}

/** A sensor_msgs/CompressedImage. */
export function compressedMessage(format: string, data: Uint8Array): Buffer {
  return Buffer.concat([headed(new Cdr()).text(format).uint32(data.length).message(), data]);
}
