import { describe, expect, it } from 'vitest';
import { rasterizeMask } from '#dist/core/spans.js';
import { resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { defaultOptions, plain } from './build.js';
import { type Golden, goldenNames, loadGolden } from './fixtures.js';

function run(golden: Golden, order?: readonly number[]) {
  const views = order === undefined ? golden.views : order.map((index) => golden.views[index]);
  const heads = resolveHeads(
    views.map((view) => view.spec),
    { widthPx: 320, heightPx: 320 },
  );
  const options = {
    ...defaultOptions,
    scoreThreshold: golden.options.conf,
    iouThreshold: golden.options.iou,
  };
  return new Postprocessor(heads).run(views, golden.geometry, options);
}

/** Row-major 0 and 1 from column-major runs. */
function expand(counts: readonly number[], widthPx: number, heightPx: number): Uint8Array {
  const mask = new Uint8Array(widthPx * heightPx);
  let at = 0;
  counts.forEach((count, run) => {
    for (const end = at + count; at < end; at++) {
      mask[(at % heightPx) * widthPx + Math.floor(at / heightPx)] = run % 2;
    }
  });
  return mask;
}

describe.each(goldenNames)('demo model, picture %s', (name) => {
  const golden = loadGolden(name);
  const { width, height } = golden.source;

  it('gives the objects, boxes and scores of the reference decoder', () => {
    const { instances } = run(golden);
    expect([...instances.classIds]).toEqual(golden.detections.map((one) => one.class));
    golden.detections.forEach((one, index) => {
      expect(Math.abs(instances.scores[index] - one.score)).toBeLessThan(1e-6);
      one.box.forEach((edge, side) => {
        expect(Math.abs(instances.boxesImage[index * 4 + side] - edge)).toBeLessThan(1e-3);
      });
    });
  });

  it('gives its masks to the pixel', () => {
    const { instances } = run(golden);
    const mask = new Uint8Array(width * height);
    golden.detections.forEach((one, index) => {
      rasterizeMask(instances, index, { xPx: 0, yPx: 0, widthPx: width, heightPx: height }, mask);
      const expected = expand(one.counts, width, height);
      expect(mask.reduce((sum, value, at) => sum + Number(value / 255 !== expected[at]), 0)).toBe(0);
    });
  });

  it('does not depend on the order of the outputs', () => {
    const seed = plain(run(golden).instances);
    for (const order of [
      [6, 3, 0, 7, 4, 1, 8, 5, 2, 9],
      [3, 4, 5, 6, 7, 8, 0, 1, 2, 9],
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]) {
      expect(plain(run(golden, order).instances)).toEqual(seed);
    }
  });
});

it('counts the candidates of the reference decoder', () => {
  const golden = loadGolden('wide-float');
  const { candidateCount, candidatesCut } = run(golden);
  expect(candidateCount).toBe(golden.candidates?.cells.length);
  expect(candidatesCut).toBe(0);
});
