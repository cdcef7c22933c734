import { describe, expect, it } from 'vitest';
import { solveLetterbox } from '#dist/core/geometry.js';
import { packedSpec } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { makeTensors, warmUp } from '#dist/postprocess/warmUp.js';
import { defaultOptions } from './build.js';
import { boxes, classIds } from './run.js';

describe('a stock export', () => {
  const cellCount = 336;
  const stock = (features: readonly (readonly number[])[]) => {
    const rows = new Float32Array(7 * cellCount);
    features.forEach((values, cell) => {
      values.forEach((value, feature) => {
        rows[feature * cellCount + cell] = value;
      });
    });
    const tensors = [
      { spec: packedSpec('output0', [1, 7, cellCount]), data: rows },
      { spec: packedSpec('output1', [1, 1, 32, 32]), data: new Float32Array(1024).fill(1) },
    ];
    const specs = tensors.map((view) => view.spec);
    return { tensors, heads: resolveHeads(specs, { widthPx: 128, heightPx: 128 }) };
  };

  it('brings boxes by centre and size, and probabilities', () => {
    const { tensors, heads } = stock([
      [64, 32, 20, 10, 0.5, 0.25, 1],
      [60, 60, 300, 8, 0.1, 0.9, -1],
    ]);
    const geometry = solveLetterbox(128, 128, 128, 128);
    const result = new Postprocessor(heads).run(tensors, geometry, defaultOptions);
    expect(boxes(result)).toEqual([
      [0, 56, 128, 64],
      [54, 27, 74, 37],
    ]);
    expect([...result.instances.scores]).toEqual([Math.fround(0.9), 0.5]);
    expect([...result.instances.spanStarts]).toEqual([0, 0, 10]);
  });

  it('gives the best class of a cell, whichever comes first, on every run', () => {
    const { tensors, heads } = stock([
      [20, 20, 10, 10, 0.9, 0.3, 1],
      [60, 60, 10, 10, 0.4, 0.8, 1],
      [90, 90, 10, 10, 0.7, 0.7, 1],
    ]);
    const postprocessor = new Postprocessor(heads);
    for (let frame = 0; frame < 2; frame++) {
      const result = postprocessor.run(tensors, solveLetterbox(128, 128, 128, 128), defaultOptions);
      expect(classIds(result)).toEqual([0, 1, 0]);
      expect([...result.instances.scores]).toEqual([0.9, 0.8, 0.7].map(Math.fround));
    }
  });

  it('with numbers that are not finite neither crashes nor reports them', () => {
    const { tensors, heads } = stock([
      [64, 64, Number.POSITIVE_INFINITY, 10, 0.5, 0, 1],
      [64, Number.NaN, 10, 10, 0.5, 0, 1],
      [64, 64, 10, 10, Number.POSITIVE_INFINITY, Number.NaN, 1],
      [64, 64, 10, 10, Number.NaN, 0.5, Number.NaN],
    ]);
    const geometry = solveLetterbox(128, 128, 128, 128);
    const result = new Postprocessor(heads).run(tensors, geometry, defaultOptions);
    expect(boxes(result)).toEqual([[59, 59, 69, 69]]);
    expect([classIds(result), result.instances.spans.length]).toEqual([[1], 0]);
  });

  it('with finished results is warmed up too', () => {
    const { tensors } = stock([]);
    const rows = packedSpec(tensors[0]!.spec.name, [1, 50, 7]);
    const size = { widthPx: 128, heightPx: 128 };
    const heads = resolveHeads([rows, tensors[1]!.spec], size, { classCount: 2 });
    expect(heads.kind).toBe('results');
    const postprocessor = new Postprocessor(heads);
    const found = postprocessor.run(makeTensors(heads), solveLetterbox(128, 128, 128, 128), defaultOptions);
    expect(found.instances.count).toBeGreaterThan(0);
    warmUp(postprocessor, 1);
  });

  it('is warmed up too', () => {
    const { heads } = stock([]);
    const postprocessor = new Postprocessor(heads);
    const found = postprocessor.run(makeTensors(heads), solveLetterbox(128, 128, 128, 128), defaultOptions);
    expect(found.instances.count).toBeGreaterThan(0);
    warmUp(postprocessor, 1);
  });
});
