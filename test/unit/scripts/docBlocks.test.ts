import { expect, it } from 'vitest';
import { docBlockFaults } from '../../../scripts/docBlocks.mjs';

it.each([
  ['export function f() {}', ['1: f']],
  ['\nexport interface I {}\nexport type T = 1;', ['2: I', '3: T']],
  ['export const a = 1, b = 2;', ['1: a', '1: b']],
  ['// no doc block\nexport class C {}', ['2: C']],
  ['/** Of the file. */\n\n/** What it is. */\nexport class C {}', []],
  ['/** What it is. */\nexport const T = 1;\nexport type T = typeof T;', []],
  ['/** What it is. */\nexport function f(a: string): void;\nexport function f(a: number): void;', []],
  ["class Own {}\nexport { Own };\nexport * from './other.js';", []],
])('exports without a doc block are named: %j', (text, expected) => {
  expect(docBlockFaults(text)).toEqual(expected.map((place) => `${place}: no doc block`));
});

it.each([
  ['/** Bytes of one element. */\nexport const elementBytes = 4;', ['2: elementBytes']],
  ['/** The boxes of each class. */\nexport interface ClassBox {}', ['2: ClassBox']],
  ['/**\n * Reads the file.\n *\n * @param path\n */\nexport function readFile() {}', ['6: readFile']],
  ['/** @internal */\nexport const limit = 4;', ['2: limit']],
  ['/** Of which float. */\nexport const f = 1, float = 2;', []],
  ['/** Bytes of one element, padding included. */\nexport const elementBytes = 4;', []],
  ['/** The classes. */\nexport const classCount = 4;', ['2: classCount']],
  ['/** The boxes. */\nexport type Boxed = 1;\n/** What holds one. */\nexport const Boxed = 1;', []],
])('exports whose doc block repeats their name are named: %j', (text, expected) => {
  expect(docBlockFaults(text)).toEqual(expected.map((place) => `${place}: says no more than the name`));
});
