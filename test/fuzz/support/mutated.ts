import fc from 'fast-check';

/** Where numbers of formats turn over, and what looks like a size. */
const oddNumbers = [
  ...[0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 1000, 32_767, 32_768, 65_535, 65_536, 100_000],
  ...[2 ** 24, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1],
];
/** Half of all places are near the start, where headers lie. */
const place = fc.oneof(fc.nat(300), fc.nat(2 ** 24));
const oddNumber = fc.constantFrom(...oddNumbers);

/** What is done to bytes. */
type ByteMutation = (bytes: Buffer) => Buffer;

function withNumber(
  bytes: Buffer,
  at: number,
  width: 1 | 2 | 4 | 8,
  isLittle: boolean,
  value: number,
): Buffer {
  if (bytes.length < width) return bytes;
  const copy = Buffer.from(bytes);
  const start = at % (bytes.length - width + 1);
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(value));
  const part = number.subarray(0, width);
  copy.set(isLittle ? part : part.toReversed(), start);
  return copy;
}

const removed = (bytes: Buffer, at: number, count: number) => {
  const start = bytes.length === 0 ? 0 : at % bytes.length;
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + count)]);
};
const inserted = (bytes: Buffer, at: number, more: Uint8Array) => {
  const start = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, start), more, bytes.subarray(start)]);
};

const byteMutation = (corpus: readonly Buffer[]): fc.Arbitrary<ByteMutation> =>
  fc.oneof(
    fc.tuple(place, fc.nat(255)).map(
      ([at, value]): ByteMutation =>
        (bytes) =>
          withNumber(bytes, at, 1, true, value),
    ),
    fc.tuple(place, fc.constantFrom(2 as const, 4 as const, 8 as const), fc.boolean(), oddNumber).map(
      ([at, width, isLittle, value]): ByteMutation =>
        (bytes) =>
          withNumber(bytes, at, width, isLittle, value),
    ),
    fc.tuple(place, fc.nat(40)).map(
      ([at, count]): ByteMutation =>
        (bytes) =>
          removed(bytes, at, count),
    ),
    place.map(
      (at): ByteMutation =>
        (bytes) =>
          bytes.subarray(0, at % (bytes.length + 1)),
    ),
    fc.tuple(place, fc.uint8Array({ maxLength: 12 })).map(
      ([at, more]): ByteMutation =>
        (bytes) =>
          inserted(bytes, at, more),
    ),
    fc.tuple(place, fc.nat(64), fc.nat(200)).map(
      ([at, count, times]): ByteMutation =>
        (bytes) => {
          const start = at % (bytes.length + 1);
          const part = bytes.subarray(start, start + count);
          return inserted(bytes, start, Buffer.concat(new Array<Buffer>(times).fill(part)));
        },
    ),
    fc.tuple(fc.nat(corpus.length - 1), place, place).map(
      ([index, at, from]): ByteMutation =>
        (bytes) => {
          const other = corpus[index]!;
          return Buffer.concat([
            bytes.subarray(0, at % (bytes.length + 1)),
            other.subarray(from % (other.length + 1)),
          ]);
        },
    ),
  );

/** Copies of whole inputs with one to a dozen faults each; shrinks to fewer of them. */
export function mutatedBytes(corpus: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const buffers = corpus.map((bytes) => Buffer.from(bytes));
  return fc
    .tuple(fc.nat(buffers.length - 1), fc.array(byteMutation(buffers), { maxLength: 12, size: 'max' }))
    .map(([index, mutations]) => mutations.reduce<Buffer>((bytes, mutate) => mutate(bytes), buffers[index]!));
}

/** What parsers of any text stumble over. */
const oddTexts = [
  ...[
    '',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\0',
    '"',
    "'",
    '`',
    '\\',
    '#',
    ':',
    ': ',
    '- ',
    '|',
    '>',
    '%',
    '@',
    ',',
    '\u2028',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '(',
    ')',
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '!!set ',
    '? ',
    '---\n',
    '...\n',
    '[[[[[[[[',
  ],
  ...[
    'null',
    'true',
    'NaN',
    '-1',
    '1e999',
    '.inf',
    '0x10',
    '__proto__',
    'constructor',
    'toString',
    'größe',
    '\ud800',
  ],
];

const oddText = fc.oneof(
  fc.constantFrom(...oddTexts),
  oddNumber.map(String),
  fc
    .tuple(fc.constantFrom('x', '9', '-', '[', '{"a":', ' ', '\n', '- '), fc.constantFrom(100, 3000))
    .map(([one, count]) => one.repeat(count)),
);

/** What is done to a text. */
type TextMutation = (text: string) => string;

/** The parts of a text that a mutation chooses from: lines, numbers, words. */
const kinds = [/^.*$/gm, /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, /\w+/g, /[^\w\s]/g];

function withPart(text: string, kind: RegExp, index: number, change: (part: string) => string): string {
  const parts = [...text.matchAll(kind)];
  const part = parts[index % Math.max(1, parts.length)];
  if (part === undefined) return text;
  return text.slice(0, part.index) + change(part[0]) + text.slice(part.index + part[0].length);
}

const textMutation = (corpus: readonly string[]): fc.Arbitrary<TextMutation> => {
  const kind = fc.constantFrom(...kinds);
  return fc.oneof(
    fc.tuple(kind, place, oddText).map(
      ([one, at, odd]): TextMutation =>
        (text) =>
          withPart(text, one, at, () => odd),
    ),
    fc.tuple(kind, place).map(
      ([one, at]): TextMutation =>
        (text) =>
          withPart(text, one, at, () => ''),
    ),
    fc.tuple(kind, place, fc.constantFrom(2, 50)).map(
      ([one, at, times]): TextMutation =>
        (text) =>
          withPart(text, one, at, (part) => `${part}\n`.repeat(times)),
    ),
    fc.tuple(place, oddText).map(
      ([at, odd]): TextMutation =>
        (text) =>
          text.slice(0, at % (text.length + 1)) + odd + text.slice(at % (text.length + 1)),
    ),
    place.map(
      (at): TextMutation =>
        (text) =>
          text.slice(0, at % (text.length + 1)),
    ),
    fc.tuple(fc.nat(corpus.length - 1), place, place).map(
      ([index, at, from]): TextMutation =>
        (text) =>
          text.slice(0, at % (text.length + 1)) + corpus[index]!.slice(from % (corpus[index]!.length + 1)),
    ),
  );
};

/** Copies of whole texts with one to a dozen faults each. */
export function mutatedTexts(corpus: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(corpus.length - 1), fc.array(textMutation(corpus), { maxLength: 12, size: 'max' }))
    .map(([index, mutations]) =>
      // What doubles again and again is no find.
      mutations.reduce<string>((text, mutate) => mutate(text).slice(0, 200_000), corpus[index]!),
    );
}
