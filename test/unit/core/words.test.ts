import { describe, expect, it } from 'vitest';
import { counted, valueText } from '#dist/core/words.js';

it('one of a kind is told in the singular', () => {
  expect([0, 1, 2].map((count) => counted(count, 'frame'))).toEqual(['0 frames', '1 frame', '2 frames']);
  expect([1, 5].map((count) => counted(count, 'class', 'classes'))).toEqual(['1 class', '5 classes']);
});

describe('a value in a refusal', () => {
  it.each([
    ['text', '"text"'],
    ['a "quote"\n', '"a \\"quote\\"\\n"'],
    [0.25, '0.25'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [9_223_372_036_854_775_807n, '9223372036854775807'],
    [-9_223_372_036_854_775_808n, '-9223372036854775808'],
    [2 ** 53 - 1, '9007199254740991'],
    // As Python's repr: what a double knows, and no invented digits.
    [2 ** 63, '9.223372036854776e+18'],
    [undefined, 'not set'],
    [[Number.NaN, 1n, 'a'], '[NaN, 1, "a"]'],
    [[], '[]'],
  ])('%o is told as %s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  it('is short whatever its size', () => {
    expect(valueText('x'.repeat(100_000))).toBe(`"${'x'.repeat(60)}"... (100000 characters)`);
    expect(valueText(new Array(1000).fill(1))).toBe('[1, 1, 1, 1, 1, 1, 1, 1, ... (1000 items)]');
  });
});
