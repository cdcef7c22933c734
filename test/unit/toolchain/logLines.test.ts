import { expect, it } from 'vitest';
import { readLogLines } from '#dist/toolchain/text/logLines.js';

const escapeByte = String.fromCharCode(27);
const bell = String.fromCharCode(7);

function textsOf(text: string): string[] {
  return readLogLines(text).map((line) => line.text);
}

it.each([
  [
    'the long logger',
    '2024-08-16 14:14:00,022 file: build.py func: build line No: 36 Start to x.',
    'Start to x.',
  ],
  ['the short logger', '2021-04-20 17:06:20,049 INFO Saving the model: x.onnx.', 'Saving the model: x.onnx.'],
  ['a time inside', '2021-04-20 17:06:20,049 INFO [Tue Apr 20 17:06:20 2021] End to x.', 'End to x.'],
  ['both at once', '2025-01-02 03:04:05,006 file: a.py func: a line No: 1 WARNING odd', 'odd'],
  ['compose', 'oe_toolchain-1  | 2021-04-20 17:06:20,049 INFO x', 'x'],
  ['docker logs -t', '2025-07-23T15:19:33.821000001Z 2021-04-20 17:06:20,049 INFO x', 'x'],
  ['ts', '[2025-07-23 15:19:33] 2021-04-20 17:06:20,049 INFO x', 'x'],
  ['the journal', 'Jul 23 15:19:33 host oe[812]: 2021-04-20 17:06:20,049 INFO x', 'x'],
  ['colours', `${escapeByte}[1;31m2021-04-20 17:06:20,049 ERROR x${escapeByte}[0m`, 'x'],
  ['colours without their escape', '[32m2021-04-20 17:06:20,049 INFO[0m x', 'x'],
  ['a window title', `${escapeByte}]0;title${bell}2021-04-20 17:06:20,049 INFO x`, 'x'],
  ['a byte order mark', '\ufeff2021-04-20 17:06:20,049 INFO x', 'x'],
])('%s is taken off', (_, line, text) => {
  expect(textsOf(line)).toEqual([text]);
});

it('indentation stays, blanks at the end go', () => {
  expect(textsOf('    images:    shape=[1]   \t')).toEqual(['    images:    shape=[1]']);
});

it('line ends of any kind, progress bars included', () => {
  expect(textsOf('a\r\nb\n10%\r20%\rc')).toEqual(['a', 'b', '10%', '20%', 'c']);
});

it('level and time are kept apart from the text', () => {
  expect(readLogLines('x\n2021-04-20 17:06:20,049 WARNING careful\nERROR: broken')).toEqual([
    { number: 1, text: 'x', stamp: null, level: null },
    { number: 2, text: 'careful', stamp: '2021-04-20 17:06:20,049', level: 'warning' },
    { number: 3, text: 'broken', stamp: null, level: 'error' },
  ]);
});
