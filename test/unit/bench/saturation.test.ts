import { describe, expect, it } from 'vitest';
import { saturationAdvice, saturationTasks } from '#dist/bench/saturation.js';

/** Levels at 1, 2, 3, ... tasks. */
function rates(...framesPerSecond: number[]) {
  return framesPerSecond.map((rate, index) => ({ tasksInFlight: index + 1, framesPerSecond: rate }));
}

describe('saturationTasks', () => {
  it.each([
    ['the X5 rates: two fill the BPU', rates(96, 182, 183, 182), 2],
    ['flat from the start', rates(50, 51, 49), 1],
    ['a gain just below 3 %', rates(100, 102.9), 1],
    ['a gain of 3 %', rates(100, 103), null],
    ['small steps that add up', rates(100, 102, 104, 104), 2],
    ['a step after a plateau', rates(100, 101, 120, 121), 3],
    ['rising to the end', rates(10, 20, 30), null],
    ['falling', rates(30, 20, 10), 1],
    ['one level', rates(100), null],
  ])('%s', (_name, levels, expected) => {
    expect(saturationTasks(levels)).toBe(expected);
  });
});

describe('saturationAdvice', () => {
  it('names the number of tasks to set', () => {
    const [line, ...rest] = saturationAdvice(rates(96, 182, 183), 'onnx');
    expect(line).toContain('saturated at 2: 182.0 frames/s');
    expect(line).toContain('backend.tasks_in_flight: 2');
    expect(rest).toEqual([]);
  });

  it('says how much the last step still added', () => {
    expect(saturationAdvice(rates(10, 20, 25), 'onnx')).toEqual([
      'not saturated: 3 tasks still add 25.0 %; measure with more',
    ]);
  });

  it('asks for a range after a single level', () => {
    expect(saturationAdvice(rates(10), 'onnx')[0]).toContain('--tasks 1..4');
  });

  it.each([
    ['8 beat 4', [60, 100, 110, 120, 122, 124, 126, 132], true],
    ['8 do not', [60, 100, 110, 120, 120, 120, 120, 121], false],
  ])('on the BPU points at memory bandwidth only where %s', (_name, levels, expected) => {
    const text = saturationAdvice(rates(...levels), 'bpu').join('\n');
    expect(text).toContain('two tasks usually fill the BPU');
    expect(text.includes('8 tasks beat 4')).toBe(expected);
    expect(/8 tasks beat 4 by 10\.0 %.*DDR/.test(text)).toBe(expected);
  });
});
