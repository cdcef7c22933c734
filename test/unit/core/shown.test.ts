import { describe, expect, it } from 'vitest';
import { ConfigError, describeError } from '#dist/core/errors.js';
import { deserialiseError, serialiseError } from '#dist/core/serialisedError.js';
import { layTable } from '#dist/core/table.js';
import { shown, shownLines, valueText } from '#dist/core/words.js';

/** By Unicode's tables: controls, separators of lines and paragraphs, and what turns the direction of a text. */
const steering = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
  0x061c,
  0x200e,
  0x200f,
  0x2028,
  0x2029,
  ...Array.from({ length: 5 }, (_, at) => 0x202a + at),
  ...Array.from({ length: 4 }, (_, at) => 0x2066 + at),
];
const evil = String.fromCharCode(...steering);

describe('a text from outside', () => {
  it('has nothing left that steers a terminal, and JSON reads it as it was', () => {
    for (let code = 0; code < 0xd800; code++) {
      const one = String.fromCharCode(code);
      expect(shown(one) !== one, `U+${code.toString(16)}`).toBe(steering.includes(code));
    }
    expect(JSON.parse(`"${shown(evil)}"`)).toBe(evil);
    expect(JSON.parse(shown(JSON.stringify({ evil })))).toEqual({ evil });
    expect(shown('Zürich 東京 🚜')).toBe('Zürich 東京 🚜');
  });

  it('does not steer in errors, in their causes, in tables, and in quotes', () => {
    const found = [
      new ConfigError('source', `${evil} is none`).message,
      describeError(new Error('a', { cause: new Error(evil.replaceAll(/\s/g, '')) })),
      describeError(evil),
      ...layTable([[evil, 'b']]),
      valueText(evil),
      valueText([evil]),
    ];
    for (const text of found) expect(shown(text)).toBe(text);
  });

  it('begins no line of its own, whereas our lines stay lines', () => {
    const name = 'a\nrdk-yolo-seg: all is well';
    expect(new ConfigError('x', `no ${name}`).message).toBe('no a\\nrdk-yolo-seg: all is well');
    const error = new ConfigError('x', ['not there:', `  ${name}`, '  b']);
    const told = 'not there:\n  a\\nrdk-yolo-seg: all is well\n  b';
    expect(error.message).toBe(told);
    expect(deserialiseError(serialiseError(error)).message).toBe(told);
    expect(shownLines('one\ntw\u001b[2Jo')).toBe('one\ntw\\u001b[2Jo');
  });
});
