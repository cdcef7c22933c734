import { CdrReader } from '@foxglove/cdr';
import type { parse } from '@foxglove/rosmsg';

type Definition = ReturnType<typeof parse>[number];
type Field = Definition['definitions'][number];

interface Primitive {
  readonly sizeBytes: number;
  /** Reads one, and so gets to where it stands. */
  readonly read: (reader: CdrReader) => unknown;
}

const ofOne: Primitive = { sizeBytes: 1, read: (reader) => reader.uint8() };
const ofTwo: Primitive = { sizeBytes: 2, read: (reader) => reader.uint16() };
const ofFour: Primitive = { sizeBytes: 4, read: (reader) => reader.uint32() };
const ofEight: Primitive = { sizeBytes: 8, read: (reader) => reader.uint64() };
const instant: Primitive = { sizeBytes: 8, read: (reader) => [reader.uint32(), reader.uint32()] };

const primitives: Readonly<Record<string, Primitive>> = {
  ...{ bool: ofOne, int8: ofOne, uint8: ofOne, int16: ofTwo, uint16: ofTwo, int32: ofFour, uint32: ofFour },
  ...{ float32: ofFour, int64: ofEight, uint64: ofEight, float64: ofEight, time: instant, duration: instant },
};

/**
 * Looks whether the lists of numbers in a message fit into it: its reader asks for their memory before it looks, and 300 bytes
 * can claim 32 GB.
 */
export class ListLengths {
  readonly #root: readonly Field[];
  readonly #nested: ReadonlyMap<string, readonly Field[]>;

  /** @param definitions Of the message first, then of what it holds. */
  constructor(definitions: readonly Definition[]) {
    this.#root = definitions[0]!.definitions;
    this.#nested = new Map(definitions.map(({ name = '', definitions: fields }) => [name, fields]));
  }

  /** Throws RangeError, with the name of the list and both numbers where it is one, for a message that ends too early. */
  check(cdr: Uint8Array): void {
    this.#walk(this.#root, new CdrReader(cdr));
  }

  #walk(fields: readonly Field[], reader: CdrReader): void {
    for (const field of fields) {
      if (field.isConstant === true) continue;
      const count = field.isArray === true ? (field.arrayLength ?? reader.sequenceLength()) : 1;
      const primitive = primitives[field.type];
      if (primitive !== undefined) skipNumbers(field, primitive, count, reader);
      else if (field.type === 'string') for (let i = 0; i < count; i++) reader.string();
      else for (let i = 0; i < count; i++) this.#walk(this.#nested.get(field.type)!, reader);
    }
  }
}

function skipNumbers(
  { name }: Field,
  { sizeBytes, read }: Primitive,
  count: number,
  reader: CdrReader,
): void {
  if (count === 0) return;
  read(reader);
  const otherBytes = (count - 1) * sizeBytes;
  const { byteLength, decodedBytes } = reader;
  if (otherBytes > byteLength - decodedBytes)
    throw new RangeError(
      `${name} claims ${count} items, which end behind the ${byteLength} bytes of the message`,
    );
  reader.seek(otherBytes);
}
