import { describe, expect, test } from 'vitest';
import { type Box, type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import { writeBoxImage } from '#dist/postprocess/boxImage.js';
import { randomSizes } from '../core/randomSizes.js';

function toModel(box: Box, { gainX, gainY, padXPx, padYPx }: LetterboxGeometry): Box {
  return {
    x1: box.x1 * gainX + padXPx,
    y1: box.y1 * gainY + padYPx,
    x2: box.x2 * gainX + padXPx,
    y2: box.y2 * gainY + padYPx,
  };
}

function boxToImage(box: Box, geometry: LetterboxGeometry): Box {
  const written = new Float32Array(8);
  writeBoxImage(new Float64Array([box.x1, box.y1, box.x2, box.y2]), geometry, written, 4);
  const [x1, y1, x2, y2] = [...written.subarray(4)] as [number, number, number, number];
  return { x1, y1, x2, y2 };
}

describe('writeBoxImage', () => {
  test('maps the content to the whole picture', () => {
    const geometry = solveLetterbox(1920, 1080, 640, 640);
    expect(boxToImage({ x1: 0, y1: 140, x2: 640, y2: 500 }, geometry)).toEqual({
      x1: 0,
      y1: 0,
      x2: 1920,
      y2: 1080,
    });
  });

  test('undoes model = source * gain + pad for every geometry', () => {
    for (const { source, model } of randomSizes(500)) {
      for (const mode of ['letterbox', 'stretch'] as const) {
        const geometry = solveLetterbox(source[0], source[1], model[0], model[1], mode);
        const box = { x1: source[0] * 0.1, y1: source[1] * 0.2, x2: source[0] * 0.7, y2: source[1] };
        const back = boxToImage(toModel(box, geometry), geometry);
        for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(back[side]).toBeCloseTo(box[side], 2);
      }
    }
  });

  test('clips to the picture and keeps fractions', () => {
    const geometry = solveLetterbox(1280, 720, 640, 640);
    expect(boxToImage({ x1: -5, y1: 100, x2: 320.25, y2: 900 }, geometry)).toEqual({
      x1: 0,
      y1: 0,
      x2: 640.5,
      y2: 720,
    });
  });

  test('leaves a box outside the picture empty, at its border', () => {
    const geometry = solveLetterbox(1280, 720, 640, 640);
    expect(boxToImage({ x1: 10, y1: 0, x2: 20, y2: 100 }, geometry)).toEqual({
      x1: 20,
      y1: 0,
      x2: 40,
      y2: 0,
    });
  });
});
