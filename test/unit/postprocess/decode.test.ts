import { describe, expect, it } from 'vitest';
import { BackendError } from '#dist/core/errors.js';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import type { PostprocessOptions } from '#dist/core/result.js';
import { boxOf, maskRect, rasterizeMask } from '#dist/core/spans.js';
import { packedStrideBytes } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';
import { Postprocessor, type PostprocessResult } from '#dist/postprocess/postprocess.js';
import { makeTensors, warmUp } from '#dist/postprocess/warmUp.js';
import {
  type BuiltModel,
  buildModel,
  defaultOptions,
  fillProto,
  makeRandom,
  plain,
  plainGeometry,
  putObject,
  setReal,
} from './build.js';

function makePostprocessor(model: BuiltModel, maxCandidates = 2048): Postprocessor {
  const specs = model.tensors.map((view) => view.spec);
  return new Postprocessor(resolveHeads(specs, model.input), { maxCandidates });
}

function run(
  model: BuiltModel,
  options: Partial<PostprocessOptions> = {},
  geometry: LetterboxGeometry = plainGeometry(model),
  maxCandidates?: number,
): PostprocessResult {
  return makePostprocessor(model, maxCandidates).run(model.tensors, geometry, {
    ...defaultOptions,
    ...options,
  });
}

const boxes = ({ instances }: PostprocessResult) =>
  Array.from({ length: instances.count }, (_, index) => [
    ...instances.boxesImage.subarray(index * 4, index * 4 + 4),
  ]);
const classIds = ({ instances }: PostprocessResult) => [...instances.classIds];

describe('boxes', () => {
  it('are distances from the centre of the cell, times the downsample', () => {
    const model = buildModel();
    putObject(model, 1, 3, 4, { logit: 2, cells: [1, 2, 3, 0] });
    const result = run(model);
    expect(boxes(result)).toEqual([[56, 24, 120, 56]]);
    expect(result.instances.scores[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('are clipped at the border of the picture, never dropped for touching it', () => {
    const model = buildModel();
    putObject(model, 0, 0, 0, { logit: 3, cells: [4, 4, 2, 2] });
    putObject(model, 0, 15, 15, { logit: 2, cells: [2, 2, 4, 4] });
    putObject(model, 2, 2, 2, { logit: 1, classId: 1, cells: [9, 9, 9, 9] });
    expect(boxes(run(model))).toEqual([
      [0, 0, 20, 20],
      [108, 108, 128, 128],
      [0, 0, 128, 128],
    ]);
  });

  it('wholly in the letterbox border are no objects of the picture and take no place', () => {
    const model = buildModel();
    const geometry = solveLetterbox(256, 128, 128, 128);
    expect(geometry.padYPx).toBe(32);
    putObject(model, 0, 1, 8, { logit: 5, cells: [1, 1, 1, 1] });
    putObject(model, 0, 8, 8, { logit: 1, cells: [1, 1, 1, 1] });
    expect(boxes(run(model, { maxDetections: 1 }, geometry))).toEqual([[120, 56, 152, 88]]);
  });

  it('stay fractions of pixels in the source picture', () => {
    const model = buildModel();
    putObject(model, 0, 8, 8, { logit: 2, cells: [1, 1, 2, 2] });
    const [box] = boxes(run(model, {}, solveLetterbox(300, 300, 128, 128)));
    expect(box[0]).toBeCloseTo((60 * 300) / 128, 4);
    expect(box[0] % 1).not.toBe(0);
  });

  it('use both gains where they differ', () => {
    const model = buildModel();
    putObject(model, 0, 8, 8, { logit: 2, cells: [1, 1, 2, 2] });
    expect(boxes(run(model, {}, solveLetterbox(256, 64, 128, 128, 'stretch')))).toEqual([[120, 30, 168, 42]]);
  });

  it.each([
    { widthPx: 640, heightPx: 384 },
    { widthPx: 416, heightPx: 640 },
  ])('are right for a $widthPx x $heightPx model in every corner', ({ widthPx, heightPx }) => {
    const model = buildModel({ widthPx, heightPx });
    const [rows, columns] = [heightPx / 16, widthPx / 16];
    for (const [y, x] of [
      [0, columns - 1],
      [rows - 1, 0],
      [rows - 1, columns - 1],
    ]) {
      putObject(model, 1, y, x, { logit: 1 + y / 100 + x / 1000, cells: [1, 1, 0, 0] });
    }
    const found = boxes(run(model)).map((box) => box.join(' '));
    expect(found.sort()).toEqual(
      [
        `${widthPx - 24} 0 ${widthPx - 8} 8`,
        `0 ${heightPx - 24} 8 ${heightPx - 8}`,
        `${widthPx - 24} ${heightPx - 24} ${widthPx - 8} ${heightPx - 8}`,
      ].sort(),
    );
  });

  it('survive distributions beyond what exp can hold', () => {
    const model = buildModel();
    putObject(model, 0, 8, 8, { logit: 2 });
    const level = model.levels[0];
    for (let bin = 0; bin < 64; bin++) setReal(level.box, 8, 8, bin, bin % 16 === 3 ? 3e38 : -3e38);
    expect(boxes(run(model))).toEqual([[44, 44, 92, 92]]);
    for (let bin = 0; bin < 64; bin++) setReal(level.box, 8, 8, bin, 1e6);
    expect(boxes(run(model))).toEqual([[8, 8, 128, 128]]);
  });
});

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
  it.each([1, 3, 32, 64, 80, 365])('may be %i', (classCount) => {
    const model = buildModel({ classCount, regMax: classCount === 32 ? 16 : 8, coefCount: 7 });
    putObject(model, 0, 5, 5, { logit: 3, classId: classCount - 1 });
    putObject(model, 1, 5, 5, { logit: 2, classId: 0 });
    putObject(model, 2, 1, 1, { logit: 1, classId: classCount >> 1 });
    const specs = model.tensors.map((view) => view.spec);
    const heads = resolveHeads(specs, model.input, { classCount });
    const { instances } = new Postprocessor(heads).run(model.tensors, plainGeometry(model), defaultOptions);
    expect([...instances.classIds]).toEqual([classCount - 1, 0, classCount >> 1]);
  });

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

describe('suppression', () => {
  const crowd = () => {
    const model = buildModel();
    putObject(model, 0, 5, 5, { logit: 2, classId: 0 });
    putObject(model, 0, 5, 6, { logit: 3, classId: 0, cells: [3, 2, 1, 2] });
    putObject(model, 0, 6, 5, { logit: 1, classId: 1, cells: [2, 3, 2, 1] });
    return model;
  };

  it('is per class by default and across classes on demand', () => {
    expect(classIds(run(crowd()))).toEqual([0, 1]);
    expect(classIds(run(crowd(), { classAgnosticNms: true }))).toEqual([0]);
  });

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

  it('orders equal scores by cell, whatever the order of the outputs', () => {
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

describe('candidates beyond the bound', () => {
  it('are the lowest scores, and are counted', () => {
    const model = buildModel();
    for (let x = 0; x < 16; x++) putObject(model, 0, 8, x, { logit: x / 16, cells: [0, 0, 1, 1] });
    const result = run(model, {}, plainGeometry(model), 5);
    expect(boxes(result).map((box) => box[0])).toEqual([124, 116, 108, 100, 92]);
    expect([result.candidateCount, result.candidatesCut]).toEqual([16, 11]);
  });

  it('leave a frame with every cell above the threshold bounded in time and result', () => {
    const model = buildModel({ widthPx: 640, heightPx: 640 });
    const random = makeRandom(8);
    model.levels.forEach((level, index) => {
      for (let y = 0; y < level.heightCells; y++) {
        for (let x = 0; x < level.widthCells; x++) {
          putObject(model, index, y, x, { logit: random() * 4, cells: [1, 1, 1, 1], classId: (x + y) % 3 });
        }
      }
    });
    const result = run(model);
    expect([result.candidateCount, result.candidatesCut]).toEqual([8400, 8400 - 2048]);
    expect(result.instances.count).toBe(300);
    expect(result.decodeMs).toBeLessThan(500);
  });
});

describe('coefficients', () => {
  it("are those of the object's own cell after class filter, ranking, suppression and truncation", () => {
    const model = buildModel();
    // Channel k of the prototype is 1 in every fourth column, so a mask shows which coefficient is positive.
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) setReal(model.proto, y, x, x % 4, 1);
    }
    const random = makeRandom(2);
    const owners = new Map<number, number>();
    for (let y = 1; y < 15; y++) {
      const x = 1 + ((y * 5) % 14);
      const own = Math.floor(random() * 4);
      const coefs = [0, 1, 2, 3].map((k) => (k === own ? 1 : -1));
      putObject(model, 0, y, x, { logit: random() * 3, classId: y % 3, cells: [1, 1, 1, 1], coefs });
      owners.set(y * 8 - 4, own);
    }
    const { instances } = run(model, { classes: [0, 2], maxDetections: 6 }, plainGeometry(model), 8);
    expect(instances.count).toBe(6);
    for (let index = 0; index < instances.count; index++) {
      const rect = maskRect(boxOf(instances, index));
      const mask = new Uint8Array(rect.widthPx * rect.heightPx);
      rasterizeMask(instances, index, rect, mask);
      // The pixel in the middle of each of the box's four prototype columns.
      const shown = [0, 1, 2, 3].filter((column) => mask[rect.widthPx * 8 + column * 4 + 1] > 0);
      const own = owners.get(rect.yPx)!;
      expect(shown.map((column) => (rect.xPx / 4 + column) % 4)).toEqual([own]);
    }
  });
});

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

  it('may have padding after cells and rows, whatever lies in it', () => {
    for (const poison of [1e30, Number.NaN, Number.POSITIVE_INFINITY]) {
      const form = { padCellElems: 5, padRowElems: 3 };
      const model = fill(buildModel({ cls: form, box: form, coef: form, proto: form, poison }));
      expect(plain(run(model).instances)).toEqual(packed);
    }
  });

  it('may have its channels first', () => {
    const form = { channelsFirst: true };
    const model = fill(buildModel({ cls: form, box: form, coef: form, proto: form }));
    expect(plain(run(model).instances)).toEqual(packed);
  });

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

  it('that is missing, short or of another type is an error with numbers', () => {
    const model = buildModel();
    const postprocessor = makePostprocessor(model);
    const attempt = (data: Float32Array | Int32Array) => () => {
      const tensors = model.tensors.map((view, index) => (index === 4 ? { ...view, data } : view));
      postprocessor.run(tensors, plainGeometry(model), defaultOptions);
    };
    expect(attempt(new Float32Array(100))).toThrow(BackendError);
    expect(attempt(new Float32Array(100))).toThrow(
      /output 4: expected .*64\] f32 in at least 16384 bytes, found Float32Array of 400/,
    );
    expect(attempt(new Int32Array(8 * 8 * 64))).toThrow(/found Int32Array of 16384 bytes/);
    expect(() => postprocessor.run(model.tensors.slice(0, 9), plainGeometry(model), defaultOptions)).toThrow(
      /found nothing/,
    );
  });
});

describe('a stock export', () => {
  const cellCount = 336;
  const stock = (features: readonly (readonly number[])[]) => {
    const rows = new Float32Array(7 * cellCount);
    features.forEach((values, cell) => {
      values.forEach((value, feature) => {
        rows[feature * cellCount + cell] = value;
      });
    });
    const spec = (name: string, dims: number[]) => ({
      name,
      type: 'f32' as const,
      dims,
      strideBytes: packedStrideBytes(dims, 'f32'),
      quantisation: { kind: 'none' as const },
    });
    const tensors = [
      { spec: spec('output0', [1, 7, cellCount]), data: rows },
      { spec: spec('output1', [1, 1, 32, 32]), data: new Float32Array(1024).fill(1) },
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

  it('is warmed up too', () => {
    const { heads } = stock([]);
    const postprocessor = new Postprocessor(heads);
    const found = postprocessor.run(makeTensors(heads), solveLetterbox(128, 128, 128, 128), defaultOptions);
    expect(found.instances.count).toBeGreaterThan(0);
    warmUp(postprocessor, 1);
  });
});

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
