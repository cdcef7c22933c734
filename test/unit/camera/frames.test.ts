import { describe, expect, it } from 'vitest';
import { pictureAt } from '#dist/camera/frames.js';

const first = (frames: number, count: number, order: 'pingpong' | 'loop') =>
  Array.from({ length: frames }, (_, index) => pictureAt(index, count, order));

describe('the order of pictures', () => {
  it('goes back and forth and shows the turning points once', () => {
    expect(first(9, 4, 'pingpong')).toEqual([0, 1, 2, 3, 2, 1, 0, 1, 2]);
  });

  it('starts again in a loop', () => {
    expect(first(5, 3, 'loop')).toEqual([0, 1, 2, 0, 1]);
  });

  it('alternates two pictures and repeats one', () => {
    expect(first(4, 2, 'pingpong')).toEqual([0, 1, 0, 1]);
    expect(first(3, 1, 'pingpong')).toEqual([0, 0, 0]);
  });
});
