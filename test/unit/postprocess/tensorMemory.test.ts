import { describe, expect, it } from 'vitest';
import { makeRandom } from '../../support/random.js';
import {
  type BuiltModel,
  buildModel,
  defaultOptions,
  fillProto,
  plain,
  plainGeometry,
  putObject,
} from './build.js';
import { makePostprocessor, run } from './run.js';

describe('tensor memory', () => {
  const random = makeRandom(12);
  const noise = Array.from({ length: 60 }, () => random());
  const fill = (model: BuiltModel) => {
    fillProto(model, (y, x) => Math.sin(x / 3) + Math.cos(y / 4));
    for (let at = 0; at < 20; at++) {
      putObject(model, at % 3, (at * 3) % (16 >> (at % 3)), (at * 5) % (16 >> (at % 3)), {
        logit: noise[at] * 3,
        classId: at % 3,
        cells: [1, 2, 2, 1].map((bin) => bin + Math.floor(noise[at + 20] * 2)),
        coefs: [noise[at + 40] - 0.3, 0.1],
      });
    }
    return model;
  };
  const packed = plain(run(fill(buildModel())).instances);

  it('may start anywhere in a buffer', () => {
    const model = fill(buildModel());
    const tensors = model.tensors.map(({ spec, data }) => {
      const moved = new Float32Array(data.length + 3).fill(50).subarray(3);
      moved.set(data as Float32Array);
      return { spec, data: moved };
    });
    const result = makePostprocessor(model).run(tensors, plainGeometry(model), defaultOptions);
    expect(plain(result.instances)).toEqual(packed);
  });

  it('is not kept: results are fresh and may be transferred', () => {
    const model = fill(buildModel());
    const postprocessor = makePostprocessor(model);
    const first = postprocessor.run(model.tensors, plainGeometry(model), defaultOptions).instances;
    const { boxesImage, scores, classIds, spans, spanStarts } = first;
    structuredClone(first, {
      transfer: [boxesImage, scores, classIds, spans, spanStarts].map((one) => one.buffer as ArrayBuffer),
    });
    expect(boxesImage.length).toBe(0);
    const second = postprocessor.run(model.tensors, plainGeometry(model), defaultOptions).instances;
    expect(plain(second)).toEqual(packed);
  });
});
