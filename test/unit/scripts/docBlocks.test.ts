import { expect, it } from 'vitest';
import { undocumented } from '../../../scripts/docBlocks.mjs';

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
  expect(undocumented(text)).toEqual(expected);
});
