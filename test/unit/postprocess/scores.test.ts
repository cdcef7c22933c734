import { describe, expect, it } from 'vitest';
import { makeRandom } from '../../support/random.js';
import { buildModel, fillProto, putObject, setReal } from './build.js';
import { boxes, classIds, run } from './run.js';

describe('scores', () => {
  it('at the threshold are not above it', () => {
    const model = buildModel();
    putObject(model, 0, 2, 2, { logit: 0 });
    putObject(model, 0, 8, 8, { logit: -0 });
    putObject(model, 0, 13, 13, { logit: 1e-45 });
    expect(boxes(run(model, { scoreThreshold: 0.5 }))).toEqual([[92, 92, 124, 124]]);
    expect(run(model, { scoreThreshold: 0.49 }).instances.count).toBe(3);
  });

  it.each([0.001, 0.1, 0.25, 0.5, 0.75, 0.999])(
    'pass a threshold of %f as their probabilities do',
    (scoreThreshold) => {
      const model = buildModel();
      const random = makeRandom(3);
      let expected = 0;
      for (let y = 0; y < 16; y++) {
        for (let x = 0; x < 16; x++) {
          const logit = Math.fround((random() - 0.5) * 20);
          putObject(model, 0, y, x, { logit, cells: [0, 0, 0, 0] });
          expected += Number(1 / (1 + Math.exp(-logit)) > scoreThreshold);
        }
      }
      expect(run(model, { scoreThreshold }).candidateCount).toBe(expected);
    },
  );

  it.each([Number.NaN, -Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'of %f give no detection and hide no other',
    (value) => {
      const model = buildModel();
      for (let y = 0; y < 16; y++) {
        for (let x = 0; x < 16; x++) setReal(model.levels[0].cls, y, x, 1, value);
      }
      putObject(model, 0, 5, 5, { logit: 2, classId: 0 });
      putObject(model, 0, 9, 9, { logit: 1, classId: 2 });
      for (const scoreThreshold of [0.25, 0.6]) {
        expect(classIds(run(model, { scoreThreshold }))).toEqual([0, 2]);
      }
    },
  );

  it('that are not finite in boxes, coefficients or prototype never crash; such boxes are dropped', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const model = buildModel();
      fillProto(model, () => value);
      putObject(model, 0, 5, 5, { logit: 2, coefs: [value] });
      putObject(model, 0, 9, 9, { logit: 1 });
      for (let bin = 0; bin < 16; bin++) setReal(model.levels[0].box, 9, 9, bin, value);
      const result = run(model);
      expect(boxes(result)).toEqual([[28, 28, 60, 60]]);
    }
  });
});

describe('classes', () => {
  it('are one per cell: the best, and of equal ones the first', () => {
    const model = buildModel();
    putObject(model, 0, 5, 5, { logit: 1, classId: 1 });
    putObject(model, 0, 5, 5, { logit: 1, classId: 2 });
    expect(classIds(run(model))).toEqual([1]);
    putObject(model, 0, 5, 5, { logit: 1.5, classId: 2 });
    expect(classIds(run(model))).toEqual([2]);
  });

  it('that are filtered out do not turn into the second best', () => {
    const model = buildModel();
    putObject(model, 0, 5, 5, { logit: 2, classId: 1 });
    putObject(model, 0, 5, 5, { logit: 1, classId: 2 });
    putObject(model, 0, 10, 10, { logit: 0, classId: 2 });
    const result = run(model, { classes: [2] });
    expect(boxes(result)).toEqual([[68, 68, 100, 100]]);
    expect(result.candidateCount).toBe(1);
    expect(run(model, { classes: [] }).instances.count).toBe(0);
    expect(run(model, { classes: [7, 1] }).instances.count).toBe(1);
  });
});
