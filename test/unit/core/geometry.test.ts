import { describe, expect, test } from 'vitest';
import { ConfigError } from '#dist/core/errors.js';
import { GeometrySolver } from '#dist/backends/session/geometrySolver.js';
import { type LetterboxGeometry, modelToSource, solveLetterbox, sourceToModel } from '#dist/core/geometry.js';
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
    [1, 1080, 640, 640, 'the frame is 1 x 1080 pixels; expected at least 2 x 2'],
    [1920, 1080, 639, 640, 'the model input is 639 x 640 pixels; expected even numbers of at least 2'],
    [1920, 0, 640, 640, 'the frame is 1920 x 0 pixels'],
    [1920, 1080, 640.5, 640, 'the model input is 640.5 x 640'],
    [1920, 1080, 640, Number.NaN, 'the model input is 640 x NaN'],
    [1920, 1080, 640, Number.POSITIVE_INFINITY, 'the model input is 640 x Infinity'],
    [-2, 1080, 640, 640, 'the frame is -2 x 1080'],
  ])('refuses %d x %d in %d x %d', (sourceWidth, sourceHeight, modelWidth, modelHeight, message) => {
    expect(() => solveLetterbox(sourceWidth, sourceHeight, modelWidth, modelHeight)).toThrow(ConfigError);
    expect(() => solveLetterbox(sourceWidth, sourceHeight, modelWidth, modelHeight)).toThrow(message);
  });
});

describe('a region of the source', () => {
  test('is fitted like a picture of its own, and keeps the coordinates of the whole', () => {
    const region = { xPx: 320, yPx: 90, widthPx: 960, heightPx: 540 };
    const geometry = solveLetterbox(1920, 1080, 640, 640, 'letterbox', region);
    expect(contentOf(geometry)).toEqual(contentOf(solveLetterbox(960, 540, 640, 640)));
    const { gainX, gainY, originXPx, originYPx, padXPx, padYPx } = geometry;
    expect(sourceToModel(320, gainX, originXPx)).toBeCloseTo(padXPx, 9);
    expect(sourceToModel(320 + 960, gainX, originXPx)).toBeCloseTo(padXPx + 640, 9);
    expect(sourceToModel(90, gainY, originYPx)).toBeCloseTo(padYPx, 9);
    expect(modelToSource(padXPx, gainX, originXPx)).toBeCloseTo(320, 9);
  });
});

describe('GeometrySolver', () => {
  const solver = new GeometrySolver({ inputWidthPx: 640, inputHeightPx: 640 }, 'letterbox');
  const size = { widthPx: 641, heightPx: 359 };
  const solve = (xPx: number, yPx: number, widthPx: number, heightPx: number) =>
    solver.solve(size, { xPx, yPx, widthPx, heightPx }).region;

  type Four = readonly [number, number, number, number];

  test.each([
    [
      [0, 0, 0, 0],
      [0, 0, 641, 359],
    ],
    [
      [101, 51, 99, 49],
      [100, 50, 100, 50],
    ],
    [
      [101, 51, 100, 50],
      [100, 50, 102, 52],
    ],
    [
      [600, 300, 500, 500],
      [600, 300, 41, 59],
    ],
    [
      [600, 0, 0, 10],
      [600, 0, 41, 10],
    ],
  ] as [Four, Four][])('cuts %j at even pixels inside the frame', (wanted, [xPx, yPx, widthPx, heightPx]) => {
    expect(solve(...wanted)).toEqual({ xPx, yPx, widthPx, heightPx });
  });

  test('refuses a region that begins outside, with both', () => {
    expect(() => solve(640, 0, 10, 10)).toThrow('input.roi begins at 640, 0; the frame has 641 x 359 pixels');
    expect(() => solve(0, 9000, 0, 0)).toThrow('input.roi begins at 0, 9000');
  });

  test('follows a region that changes and one that goes', () => {
    expect(solve(2, 2, 10, 10).widthPx).toBe(10);
    expect(solve(2, 2, 20, 10).widthPx).toBe(20);
    expect(solver.solve(size).region.widthPx).toBe(641);
  });
});
