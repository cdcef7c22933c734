import { expect, it } from 'vitest';
import { checkPixels } from '#dist/camera/pictureLimit.js';

it('pictures are refused beyond the pixels, and beyond the side of rows, with both numbers', () => {
  const refused = (width: number, height: number) => () => checkPixels('a.png', { width, height });
  const expected = 'expected at most 67108864 of them and 32768 a side';
  expect(refused(8193, 8192)).toThrow(`a.png is 8193 x 8192 pixels; ${expected}`);
  // A PNG of few bytes; as rows of pixels no wider one is taken.
  expect(refused(65_534, 1)).toThrow(`a.png is 65534 x 1 pixels; ${expected}`);
  expect(refused(1, 32_769)).toThrow(expected);
  expect(refused(32_768, 2048)).not.toThrow();
});
