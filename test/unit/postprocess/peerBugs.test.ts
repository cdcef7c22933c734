import { describe, expect, it } from 'vitest';
import { BackendError } from '#dist/core/errors.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import type { Instances } from '#dist/core/result.js';
import { boxOf, maskRect, rasterizeMask } from '#dist/core/spans.js';
import type { ElementType } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { makeRandom } from '../../support/random.js';
import {
  buildModel,
  defaultOptions,
  fillProto,
  plainGeometry,
  putObject,
  setReal,
  spansOf,
  type TensorForm,
} from './build.js';
import { boxes, classIds, makePostprocessor, run } from './run.js';

// Mistakes of other post-processing for this model, by their number in docs/masks.md, which says where the tests of
// the numbers missing here are.

const roles = ['cls', 'box', 'coef', 'proto'] as const;
type Role = (typeof roles)[number];

/** The mask over a picture of 128 x 128 pixels. */
function pixelsOf(instances: Instances, index: number): Uint8Array {
  const mask = new Uint8Array(128 * 128);
  rasterizeMask(instances, index, { xPx: 0, yPx: 0, widthPx: 128, heightPx: 128 }, mask);
  return mask;
}

it.each([1, 3, 32, 64, 80, 365])('peer bug 3: %i classes are decoded as well as 80', (classCount) => {
  const model = buildModel({ classCount, regMax: classCount === 32 ? 16 : 8, coefCount: 7 });
  putObject(model, 0, 5, 5, { logit: 3, classId: classCount - 1 });
  putObject(model, 1, 5, 5, { logit: 2, classId: 0 });
  putObject(model, 2, 1, 1, { logit: 1, classId: classCount >> 1 });
  const specs = model.tensors.map((view) => view.spec);
  const heads = resolveHeads(specs, model.input, { classCount });
  const { instances } = new Postprocessor(heads).run(model.tensors, plainGeometry(model), defaultOptions);
  expect([...instances.classIds]).toEqual([classCount - 1, 0, classCount >> 1]);
});

it('peer bug 3: outputs that are missing, short or of another type are an error with numbers', () => {
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

/** Every element type with a quantisation that holds the values of these tests, in the given role. */
const typeForms: Readonly<Record<ElementType, (role: Role, channels: number) => TensorForm>> = {
  f32: () => ({}),
  s32: (_, channels) => ({
    type: 's32',
    quantisation: {
      kind: 'scale',
      quantScales: Float32Array.from({ length: channels }, (_value, channel) => 1e-5 * (1 + channel)),
      zeroPoints: new Int32Array(0),
      axis: 3,
    },
  }),
  s16: () => ({ type: 's16', quantisation: { kind: 'shift', shifts: Uint8Array.of(8), axis: 3 } }),
  s8: (role) => ({
    type: 's8',
    quantisation: {
      kind: 'scale',
      quantScales: Float32Array.of({ cls: 0.25, box: 0.5, coef: 1 / 64, proto: 1 / 64 }[role]),
      zeroPoints: Int32Array.of(-3),
      axis: 3,
    },
  }),
};

describe('peer bug 4: every head is decoded by its own type', () => {
  const types = Object.keys(typeForms) as ElementType[];
  const scene = (turn: number) => {
    const form = (role: Role, channels: number) =>
      typeForms[types[(roles.indexOf(role) + turn) % types.length]](role, channels);
    const model = buildModel({
      cls: form('cls', 3),
      box: form('box', 64),
      coef: form('coef', 4),
      proto: form('proto', 4),
    });
    fillProto(model);
    putObject(model, 0, 5, 5, { logit: 2, classId: 1, cells: [1, 2, 3, 2] });
    putObject(model, 2, 2, 2, { logit: 1, classId: 2 });
    return model;
  };
  const floats = buildModel();
  fillProto(floats);
  putObject(floats, 0, 5, 5, { logit: 2, classId: 1, cells: [1, 2, 3, 2] });
  putObject(floats, 2, 2, 2, { logit: 1, classId: 2 });
  const expected = run(floats);

  it.each(types)('with class heads in %s and the other three types on the other heads', (type) => {
    const found = run(scene(types.indexOf(type)));
    expect([boxes(found), classIds(found)]).toEqual([boxes(expected), classIds(expected)]);
    expect(found.instances.spans).toEqual(expected.instances.spans);
    found.instances.scores.forEach((score, index) => {
      expect(score).toBeCloseTo(expected.instances.scores[index], 4);
    });
  });
});

it('peer bug 5: boxes over the border are clipped, not dropped', () => {
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

it('peer bug 7: a box that is clipped does not move its mask', () => {
  const model = buildModel();
  const random = makeRandom(41);
  fillProto(model, () => random() - 0.5);
  // 40 pixels beyond the left and upper border, and the same right and lower edges without going beyond.
  putObject(model, 2, 0, 0, { logit: 2, cells: [7, 7, 2, 2] });
  putObject(model, 0, 5, 5, { logit: 1, classId: 1, cells: [5, 5, 4, 4] });
  const { instances } = run(model);
  expect([...instances.boxesImage]).toEqual([0, 0, 80, 80, 4, 4, 76, 76]);
  const clipped = pixelsOf(instances, 0);
  const whole = pixelsOf(instances, 1);
  for (let y = 4; y < 76; y++) {
    expect(clipped.subarray(y * 128 + 4, y * 128 + 76)).toEqual(whole.subarray(y * 128 + 4, y * 128 + 76));
  }
  expect(whole.includes(255)).toBe(true);
});

it('peer bug 8: a mask is where the logit is above 0, not above a half', () => {
  const model = buildModel();
  putObject(model, 1, 4, 4, { logit: 3 });
  fillProto(model, () => 0.1);
  expect(spansOf(run(model).instances, 0)).toHaveLength(64);
  fillProto(model, () => 0);
  const { instances } = run(model);
  expect([instances.count, instances.spans.length]).toEqual([1, 0]);
  expect([...instances.spanStarts]).toEqual([0, 0]);
});

it('peer bug 9: a mask is cut after upsampling, so its edge is finer than the prototype', () => {
  const model = buildModel();
  putObject(model, 2, 2, 2, { logit: 3, cells: [9, 9, 9, 9] });
  // A ramp through 0 at pixel 61.2: a cut before upsampling could only give 60, 62 or 64.
  fillProto(model, (_, x) => (x + 0.5) * 4 - 61.2);
  expect(spansOf(run(model).instances, 0)[64]).toEqual([64, 61, 128]);
  fillProto(model, (_, x) => 62.9 - (x + 0.5) * 4);
  expect(spansOf(run(model).instances, 0)[64]).toEqual([64, 0, 62 + 1]);
});

it('peer bug 12: suppression is per class, and across classes only on demand', () => {
  const crowd = () => {
    const model = buildModel();
    putObject(model, 0, 5, 5, { logit: 2, classId: 0 });
    putObject(model, 0, 6, 5, { logit: 1, classId: 1, cells: [2, 3, 2, 1] });
    return model;
  };
  expect(classIds(run(crowd()))).toEqual([0, 1]);
  expect(classIds(run(crowd(), { classAgnosticNms: true }))).toEqual([0]);
});

it('peer bug 13: boxes stay fractions of pixels in the source picture', () => {
  const model = buildModel();
  putObject(model, 0, 8, 8, { logit: 2, cells: [1, 1, 2, 2] });
  const [box] = boxes(run(model, {}, solveLetterbox(300, 300, 128, 128)));
  expect(box[0]).toBeCloseTo((60 * 300) / 128, 4);
  expect(box[0] % 1).not.toBe(0);
});

it.each([
  { widthPx: 640, heightPx: 384 },
  { widthPx: 416, heightPx: 640 },
])(
  'peer bug 14: boxes of a $widthPx x $heightPx model are right in every corner',
  ({ widthPx, heightPx }) => {
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
  },
);

it("peer bug 17: coefficients are those of the object's own cell after filter, ranking, suppression and cut", () => {
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

it('peer bug 19: distributions beyond what exp can hold give boxes', () => {
  const model = buildModel();
  putObject(model, 0, 8, 8, { logit: 2 });
  const level = model.levels[0];
  for (let bin = 0; bin < 64; bin++) setReal(level.box, 8, 8, bin, bin % 16 === 3 ? 3e38 : -3e38);
  expect(boxes(run(model))).toEqual([[44, 44, 92, 92]]);
  for (let bin = 0; bin < 64; bin++) setReal(level.box, 8, 8, bin, 1e6);
  expect(boxes(run(model))).toEqual([[8, 8, 128, 128]]);
});

it('peer bug 19: the threshold of a run, 0 and 1 included, leaves the next run alone', () => {
  const model = buildModel();
  putObject(model, 0, 5, 5, { logit: 2 });
  const postprocessor = makePostprocessor(model);
  const counts = [0.25, 0, 0.25, 1, 0.25].map((scoreThreshold) => {
    const options = { ...defaultOptions, scoreThreshold };
    return postprocessor.run(model.tensors, plainGeometry(model), options).candidateCount;
  });
  expect(counts).toEqual([1, 336, 1, 0, 1]);
});

it('peer bug 22: a mask keeps all parts of a split object, and holes', () => {
  const model = buildModel();
  putObject(model, 2, 2, 2, { logit: 3, cells: [9, 9, 9, 9] });
  fillProto(model, (_, x) => ([3, 4, 5, 12, 20, 21].includes(x) ? 1 : -1));
  const row = spansOf(run(model).instances, 0).filter(([y]) => y === 50);
  expect(row.map(([, x1, x2]) => [x1, x2])).toEqual([
    [12, 24],
    [48, 52],
    [80, 88],
  ]);
});
