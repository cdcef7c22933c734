import { describe, expect, it } from 'vitest';
import { parseTaskCounts } from '#dist/bench/taskCounts.js';

describe('parseTaskCounts', () => {
  it.each([
    ['4', [4]],
    ['1..8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['1,2,4', [1, 2, 4]],
    ['8, 1..2, 2', [1, 2, 8]],
  ])('reads %s', (text, expected) => {
    expect(parseTaskCounts(text)).toEqual(expected);
  });

  it.each(['', '0', '9', '4..1', '0..2', '1..9', '1..', '..3', '1.5', '-1', '1,,2', '1..2..3', 'x'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseTaskCounts(text)).toThrow(
        expect.objectContaining({ name: 'ConfigError', code: 'tasks' }),
      );
    },
  );
});
