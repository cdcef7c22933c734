import { describe, expect, it } from 'vitest';
import type { HeadHints } from '#dist/model/heads.js';
import { buildModel, plainGeometry, putObject } from './build.js';
import { boxes, run } from './run.js';

describe('suppression', () => {
  const crowd = () => {
    const model = buildModel();
    putObject(model, 0, 5, 5, { logit: 2, classId: 0 });
    putObject(model, 0, 5, 6, { logit: 3, classId: 0, cells: [3, 2, 1, 2] });
    putObject(model, 0, 6, 5, { logit: 1, classId: 1, cells: [2, 3, 2, 1] });
    return model;
  };

  it('keeps the better score and drops only above the IoU threshold', () => {
    expect([...run(crowd()).instances.scores]).toEqual([
      Math.fround(1 / (1 + Math.exp(-3))),
      Math.fround(1 / (1 + Math.exp(-1))),
    ]);
    const model = buildModel();
    // Boxes of 32 and 16 by 32: IoU exactly a half.
    putObject(model, 0, 5, 5, { logit: 2 });
    putObject(model, 0, 5, 6, { logit: 1, cells: [1, 2, 1, 2] });
    expect(run(model, { iouThreshold: 0.5 }).instances.count).toBe(2);
    expect(run(model, { iouThreshold: 0.49 }).instances.count).toBe(1);
  });

  it('works on model pixels: a border that clips two boxes to the same does not merge them', () => {
    const model = buildModel();
    putObject(model, 2, 1, 1, { logit: 2, cells: [15, 1, 1, 1] });
    putObject(model, 2, 1, 0, { logit: 1, cells: [1, 1, 2, 1] });
    expect(boxes(run(model))).toEqual([
      [0, 16, 80, 80],
      [0, 16, 80, 80],
    ]);
  });

  it('orders equal scores by cell', () => {
    const model = buildModel();
    for (const [level, y, x] of [
      [2, 1, 1],
      [0, 9, 3],
      [1, 4, 4],
      [0, 2, 12],
    ]) {
      putObject(model, level, y, x, { logit: 1, cells: [1, 1, 1, 1] });
    }
    expect(boxes(run(model))).toEqual([
      [92, 12, 108, 28],
      [20, 68, 36, 84],
      [56, 56, 88, 88],
      [16, 16, 80, 80],
    ]);
  });

  it('takes 0 and -0 for equal scores', () => {
    const model = buildModel();
    putObject(model, 0, 3, 3, { logit: -0, cells: [1, 1, 1, 1] });
    putObject(model, 0, 9, 9, { logit: 0, cells: [1, 1, 1, 1] });
    expect(boxes(run(model)).map((box) => box[0])).toEqual([20, 68]);
  });

  it('stops at the number of detections asked for', () => {
    const model = buildModel();
    for (let x = 0; x < 16; x++) putObject(model, 0, 8, x, { logit: x / 16, cells: [0, 0, 1, 1] });
    const result = run(model, { maxDetections: 3 });
    expect(boxes(result).map((box) => box[0])).toEqual([124, 116, 108]);
    expect(result.candidateCount).toBe(16);
    expect(run(model, { maxDetections: 0 }).instances.count).toBe(0);
  });
});

describe('the parameter nms', () => {
  /** Three boxes around one object, all of one class. */
  const heap = () => {
    const model = buildModel({ regMax: 1, coefCount: 5 });
    putObject(model, 0, 5, 5, { logit: 2 });
    putObject(model, 0, 5, 6, { logit: 3, cells: [3, 2.25, 1, 2] });
    putObject(model, 0, 6, 5, { logit: 1, cells: [2, 3, 2, 1] });
    return model;
  };
  const counts = (hints: HeadHints) =>
    (['auto', 'on', 'off'] as const).map(
      (nms) => run(heap(), { nms }, undefined, undefined, hints).instances.count,
    );

  it('is off by itself only for heads that are known to be one-to-one', () => {
    expect(counts({})).toEqual([1, 1, 3]);
    expect(counts({ oneToOne: true })).toEqual([3, 1, 3]);
  });

  it('off keeps the order, the score threshold, the class filter and the number of detections', () => {
    const found = run(heap(), { nms: 'off' });
    expect(boxes(found)).toEqual([
      [28, 26, 60, 60],
      [28, 28, 60, 60],
      [28, 28, 60, 60],
    ]);
    expect(run(heap(), { nms: 'off', scoreThreshold: 0.8 }).instances.count).toBe(2);
    expect(run(heap(), { nms: 'off', maxDetections: 2 }).instances.count).toBe(2);
    expect(run(heap(), { nms: 'off', classes: [1] }).instances.count).toBe(0);
  });
});

describe('candidates beyond the bound', () => {
  it('are the lowest scores, and are counted', () => {
    const model = buildModel();
    for (let x = 0; x < 16; x++) putObject(model, 0, 8, x, { logit: x / 16, cells: [0, 0, 1, 1] });
    const result = run(model, {}, plainGeometry(model), 5);
    expect(boxes(result).map((box) => box[0])).toEqual([124, 116, 108, 100, 92]);
    expect([result.candidateCount, result.candidatesCut]).toEqual([16, 11]);
  });
});
