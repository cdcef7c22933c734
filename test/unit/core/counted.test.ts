import { expect, it } from 'vitest';
import { counted } from '#dist/core/counted.js';

it('one of a kind is told in the singular', () => {
  expect([0, 1, 2].map((count) => counted(count, 'frame'))).toEqual(['0 frames', '1 frame', '2 frames']);
  expect([1, 5].map((count) => counted(count, 'class', 'classes'))).toEqual(['1 class', '5 classes']);
});
