import { expect, it } from 'vitest';
import { type ToolProgress, ToolProgressReader } from '#dist/toolchain/compile/toolProgress.js';

/** What is told for texts that come at these seconds. */
function told(...texts: readonly (readonly [second: number, text: string])[]): ToolProgress[] {
  const all: ToolProgress[] = [];
  let second = 0;
  const reader = new ToolProgressReader(
    (progress) => all.push(progress),
    () => second * 1000,
  );
  for (const [at, text] of texts) {
    second = at;
    reader.read(text);
  }
  return all;
}

it('takes the time that is left from how fast the bar of a step moves', () => {
  const bar = (percent: number) => `\r[==-    ]${String(percent).padStart(4)}%`;
  expect(
    told(
      [0, '2026-01-02 03:04:05,678 INFO Start to compile the mo'],
      [1, 'del with march bayes-e.\n'],
      [100, `hbdk-cc parameters\n${bar(0)}`],
      [101, bar(0)],
      [110, bar(2)],
      [200, bar(10)],
      [1100, bar(100)],
    ),
  ).toEqual([
    { step: 'compile the model with march bayes-e', percent: null, secondsLeft: null },
    { step: 'compile the model with march bayes-e', percent: 0, secondsLeft: null },
    { step: 'compile the model with march bayes-e', percent: 2, secondsLeft: null },
    { step: 'compile the model with march bayes-e', percent: 10, secondsLeft: 900 },
    { step: 'compile the model with march bayes-e', percent: 100, secondsLeft: 0 },
  ]);
});

it('reads the bar of a calibration, and one that begins anew', () => {
  const bar = (percent: number) => `\rcalibration in progress: ${String(percent).padStart(3)}%|##  | 1/4`;
  expect(
    told(
      [0, 'Start to calibrate the model.\n'],
      [0, bar(0)],
      [10, bar(50)],
      [20, bar(100)],
      [20, bar(0)],
      [60, bar(25)],
    ).slice(1),
  ).toEqual([
    { step: 'calibrate the model', percent: 0, secondsLeft: null },
    { step: 'calibrate the model', percent: 50, secondsLeft: 10 },
    { step: 'calibrate the model', percent: 100, secondsLeft: 0 },
    { step: 'calibrate the model', percent: 0, secondsLeft: null },
    { step: 'calibrate the model', percent: 25, secondsLeft: 120 },
  ]);
});

it('does not take what was done before its first look for done in no time', () => {
  const bars = (percents: readonly number[]) =>
    percents.map((percent) => `\r[==-    ]  ${percent}%`).join('');
  const [, first, second] = told([0, 'Start to compile the model.\n'], [5, bars([40])], [15, bars([60])]);
  expect([first?.secondsLeft, second?.secondsLeft]).toEqual([null, 20]);
});
