import { describe, expect, test } from 'vitest';
import { ConfigError } from '#dist/core/errors.js';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import { randomSizes, type Sides } from './randomSizes.js';

type Content = readonly [padXPx: number, padYPx: number, widthPx: number, heightPx: number];

const contentOf = (geometry: LetterboxGeometry): Content => [
  geometry.padXPx,
  geometry.padYPx,
  geometry.contentWidthPx,
  geometry.contentHeightPx,
];

describe('solveLetterbox', () => {
  // Worked out by hand.
  test.each([
    ['full HD', [1920, 1080], [640, 640], [0, 140, 640, 360]],
    ['HD', [1280, 720], [640, 640], [0, 140, 640, 360]],
    ['VGA', [640, 480], [640, 640], [0, 80, 640, 480]],
    ['portrait full HD', [1080, 1920], [640, 640], [140, 0, 360, 640]],
    [
      '540p of the X5, whose 362.7 rows round to 363 and up to even',
      [960, 544],
      [640, 640],
      [0, 138, 640, 364],
    ],
    ['a wide model', [1280, 960], [640, 384], [64, 0, 512, 384]],
    ['a picture of the size of the model', [640, 640], [640, 640], [0, 0, 640, 640]],
    ['a border of 282, two pixels more below', [640, 358], [640, 640], [0, 140, 640, 358]],
    ['a border of 282, two pixels more on the right', [358, 640], [640, 640], [140, 0, 358, 640]],
    ['a picture that grows, height from 359.1', [638, 358], [640, 640], [0, 140, 640, 360]],
    ['the smallest picture', [2, 2], [640, 320], [160, 0, 320, 320]],
    ['odd sides, 359.4 rows of content', [1921, 1079], [640, 640], [0, 140, 640, 360]],
    ['a strip that would vanish', [4000, 2], [640, 640], [0, 318, 640, 2]],
  ] as [string, Sides, Sides, Content][])('fits %s', (_, source, model, content) => {
    const geometry = solveLetterbox(source[0], source[1], model[0], model[1]);
    expect(contentOf(geometry)).toEqual(content);
    expect(geometry.gainX).toBeCloseTo(content[2] / source[0], 12);
    expect(geometry.gainY).toBeCloseTo(content[3] / source[1], 12);
  });

  test('stretch covers the whole model input', () => {
    const geometry = solveLetterbox(1920, 1080, 640, 640, 'stretch');
    expect(contentOf(geometry)).toEqual([0, 0, 640, 640]);
    expect(geometry.gainX).toBeCloseTo(1 / 3, 12);
    expect(geometry.gainY).toBeCloseTo(16 / 27, 12);
  });

  test('content and offsets are even, inside the model, centred, and touch two opposite sides', () => {
    for (const { source, model } of randomSizes(2000)) {
      const geometry = solveLetterbox(source[0], source[1], model[0], model[1]);
      const [x, y, width, height] = contentOf(geometry);
      const right = model[0] - x - width;
      const below = model[1] - y - height;
      const text = JSON.stringify(geometry);
      expect(
        [x, y, width, height].every((value) => value % 2 === 0 && value >= 0),
        text,
      ).toBe(true);
      expect([0, 2], text).toContain(right - x);
      expect([0, 2], text).toContain(below - y);
      expect(width === model[0] || height === model[1], text).toBe(true);
    }
  });

  test('keeps the aspect ratio up to the rounding to even sizes', () => {
    for (const { source, model } of randomSizes(2000)) {
      const geometry = solveLetterbox(source[0], source[1], model[0], model[1]);
      const gain = Math.min(model[0] / source[0], model[1] / source[1]);
      for (const [contentPx, sourcePx] of [
        [geometry.contentWidthPx, source[0]],
        [geometry.contentHeightPx, source[1]],
      ] as const) {
        const exactPx = sourcePx * gain;
        expect(Math.abs(contentPx - Math.max(exactPx, 2))).toBeLessThanOrEqual(1.5 + 1e-9);
      }
    }
  });

  test.each([
    [1, 1080, 640, 640, 'sourceWidthPx is 1; expected an integer of at least 2'],
    [1920, 1080, 639, 640, 'modelWidthPx is 639; expected an even integer of at least 2'],
    [1920, 0, 640, 640, 'sourceHeightPx is 0'],
    [1920, 1080, 640.5, 640, 'modelWidthPx is 640.5'],
    [1920, 1080, 640, Number.NaN, 'modelHeightPx is NaN'],
    [1920, 1080, 640, Number.POSITIVE_INFINITY, 'modelHeightPx is Infinity'],
    [-2, 1080, 640, 640, 'sourceWidthPx is -2'],
  ])('refuses %d x %d in %d x %d', (sourceWidth, sourceHeight, modelWidth, modelHeight, message) => {
    expect(() => solveLetterbox(sourceWidth, sourceHeight, modelWidth, modelHeight)).toThrow(ConfigError);
    expect(() => solveLetterbox(sourceWidth, sourceHeight, modelWidth, modelHeight)).toThrow(message);
  });
});
