import { describe, expect, it } from 'vitest';
import { areNameless, defaultClassNames, parseClassNames } from '#dist/model/classNames.js';
import { cocoNames } from '#dist/model/cocoNames.js';

describe('class names from a model file', () => {
  it.each([
    ["{0: 'person', 1: 'bicycle'}", ['person', 'bicycle']],
    ['{0: "driver\'s seat", 1: \'a "b"\'}', ["driver's seat", 'a "b"']],
    ["{0: 'it\\'s', 1: 'back\\\\slash', 2: 'tab\\there'}", ["it's", 'back\\slash', 'tab\there']],
    ["{0: '\\xe9t\\u00e9', 1: '\\U0001f600', 2: '\\q'}", ['été', '😀', '\\q']],
    ["{1: 'b', 0: 'a'}", ['a', 'b']],
    ["{'0': 'a', \"1\": 'b'}", ['a', 'b']],
    ["{0: 'a, b: {c}', 1: '', }", ['a, b: {c}', '']],
    ["['ball', 'crate']", ['ball', 'crate']],
    [' { 0 : \'a\' ,\n 1 : "b" } ', ['a', 'b']],
    ['{}', []],
  ])('%s', (text, names) => {
    expect(parseClassNames(text)).toEqual(names);
  });

  it.each([
    ['', /expected \{ or \[, found the end/],
    ["{0: 'a', 2: 'b'}", /1 is missing/],
    ["{0: 'a', 0: 'b'}", /only once/],
    ["{0: 'a' 1: 'b'}", /expected , or \}/],
    ['{0: a}', /expected a quoted name, found `a\}`/],
    ["{0: 'a}", /closing quote/],
    ["{0: 'a'} x", /expected the end/],
    ["{0: '\\xg1'}", /2 hexadecimal digits/],
    ["{-1: 'a'}", /class id/],
  ])('refused with the place: %s', (text, says) => {
    expect(() => parseClassNames(text)).toThrow(says);
  });
});

it('the names of COCO', () => {
  expect(cocoNames).toHaveLength(80);
  expect(new Set(cocoNames).size).toBe(80);
  expect([0, 5, 36, 79].map((id) => cocoNames[id])).toEqual(['person', 'bus', 'skateboard', 'toothbrush']);
});

it.each([1, 2, 80])('%d classes that nobody names are numbers, and known as such', (count) => {
  const names = defaultClassNames(count);
  expect([names.length, names[0], names.at(-1)]).toEqual([count, 'class 0', `class ${count - 1}`]);
  expect(areNameless(names)).toBe(true);
  expect(areNameless(['ball', ...names.slice(1)])).toBe(false);
});
