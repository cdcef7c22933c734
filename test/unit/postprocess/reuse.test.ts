import { describe, expect, it } from 'vitest';
import { solveLetterbox } from '#dist/core/geometry.js';
import { makeTensors, warmUp } from '#dist/postprocess/warmUp.js';
import { buildModel, defaultOptions, fillProto, plain, plainGeometry, putObject } from './build.js';
import { makePostprocessor, run } from './run.js';

describe('one post-processor', () => {
  it('serves pictures of changing size', () => {
    const model = buildModel();
    fillProto(model, (y, x) => Math.sin(x / 3) + Math.cos(y / 4));
    putObject(model, 1, 4, 4, { logit: 2, cells: [3, 3, 3, 3] });
    const postprocessor = makePostprocessor(model);
    const sizes = [
      solveLetterbox(1920, 1080, 128, 128),
      solveLetterbox(64, 90, 128, 128),
      plainGeometry(model),
    ];
    for (const geometry of [...sizes, ...sizes]) {
      const again = postprocessor.run(model.tensors, geometry, defaultOptions).instances;
      expect(plain(again)).toEqual(plain(run(model, {}, geometry).instances));
    }
  });

  it('is warmed up with its own shapes, and finds something in them', () => {
    for (const model of [
      buildModel(),
      buildModel({
        box: { type: 's32', quantisation: { kind: 'shift', shifts: Uint8Array.of(8), axis: 3 } },
        proto: { type: 's16', quantisation: { kind: 'shift', shifts: Uint8Array.of(8), axis: 3 } },
      }),
    ]) {
      const postprocessor = makePostprocessor(model);
      const found = postprocessor.run(makeTensors(postprocessor.heads), plainGeometry(model), defaultOptions);
      expect(found.instances.count).toBeGreaterThan(2);
      expect(found.instances.spans.length).toBeGreaterThan(300);
      warmUp(postprocessor, 2);
      expect(run(model).instances.count).toBe(0);
    }
  });
});
