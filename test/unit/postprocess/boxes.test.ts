import { describe, expect, it } from 'vitest';
import { solveLetterbox } from '#dist/core/geometry.js';
import { buildModel, putObject } from './build.js';
import { boxes, run } from './run.js';

describe('boxes', () => {
  it('are distances from the centre of the cell, times the downsample', () => {
    const model = buildModel();
    putObject(model, 1, 3, 4, { logit: 2, cells: [1, 2, 3, 0] });
    const result = run(model);
    expect(boxes(result)).toEqual([[56, 24, 120, 56]]);
    expect(result.instances.scores[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('wholly in the letterbox border are no objects of the picture and take no place', () => {
    const model = buildModel();
    const geometry = solveLetterbox(256, 128, 128, 128);
    expect(geometry.padYPx).toBe(32);
    putObject(model, 0, 1, 8, { logit: 5, cells: [1, 1, 1, 1] });
    putObject(model, 0, 8, 8, { logit: 1, cells: [1, 1, 1, 1] });
    expect(boxes(run(model, { maxDetections: 1 }, geometry))).toEqual([[120, 56, 152, 88]]);
  });

  it('use both gains where they differ', () => {
    const model = buildModel();
    putObject(model, 0, 8, 8, { logit: 2, cells: [1, 1, 2, 2] });
    expect(boxes(run(model, {}, solveLetterbox(256, 64, 128, 128, 'stretch')))).toEqual([[120, 30, 168, 42]]);
  });
});
