import { describe, expect, it } from 'vitest';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import type { PostprocessOptions } from '#dist/core/result.js';
import type { Quantisation, TensorView } from '#dist/core/tensor.js';
import { type HeadHints, resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { numpyPython, type OracleCase, runOracle } from '../../oracle/oracle.js';
import { makeRandom } from '../../support/random.js';
import { buildModel, defaultOptions, type ModelForm, setReal } from './build.js';
import { expectLikeOracle } from './compareOracle.js';

interface Trial {
  readonly name: string;
  readonly form?: ModelForm;
  readonly hints?: HeadHints;
  readonly options?: Partial<PostprocessOptions>;
  readonly source?: readonly [number, number];
  readonly stretch?: boolean;
  readonly maxCandidates?: number;
}

const scales = (count: number, scale: number, ...zeroPoints: readonly number[]): Quantisation => ({
  kind: 'scale',
  quantScales: Float32Array.from({ length: count }, (_, index) => scale * (0.5 + index / count)),
  zeroPoints: Int32Array.from(zeroPoints),
  axis: 3,
});
const oneScale = (scale: number, zeroPoint: number): Quantisation => ({
  kind: 'scale',
  quantScales: Float32Array.of(scale),
  zeroPoints: Int32Array.of(zeroPoint),
  axis: 3,
});
const shifts = (count: number, shift: number): Quantisation => ({
  kind: 'shift',
  shifts: new Uint8Array(count).fill(shift),
  axis: 3,
});

/** Boxes of four distances, as YOLO26 has them. */
const distances: ModelForm = { regMax: 1, coefCount: 5 };

const trials: readonly Trial[] = [
  { name: 'square, landscape source', source: [200, 112] },
  { name: 'portrait source', source: [90, 160] },
  { name: 'source smaller than the model', source: [60, 34] },
  { name: 'source much larger than the model', source: [640, 360] },
  { name: 'stretched, gains differ', source: [300, 100], stretch: true },
  { name: 'wide model', form: { widthPx: 192, heightPx: 96 }, source: [200, 120] },
  { name: 'tall model', form: { widthPx: 96, heightPx: 160 }, source: [200, 120] },
  { name: '1 class', form: { classCount: 1 } },
  { name: '80 classes', form: { classCount: 80 } },
  { name: '365 classes', form: { classCount: 365, widthPx: 64, heightPx: 64 } },
  { name: '32 coefficients, 5 classes', form: { coefCount: 32, classCount: 5 } },
  { name: '7 coefficients', form: { coefCount: 7 } },
  { name: '8 DFL bins', form: { regMax: 8 } },
  { name: 'distances', form: distances },
  { name: 'distances, all kept', form: distances, options: { nms: 'off' } },
  { name: 'distances, one-to-one', form: distances, hints: { oneToOne: true } },
  {
    name: 'distances, one-to-one, suppressed all the same',
    form: distances,
    hints: { oneToOne: true },
    options: { nms: 'on' },
  },
  { name: 'distributions, all kept', options: { nms: 'off', maxDetections: 300 } },
  {
    name: 'distances, channels first',
    form: {
      ...distances,
      cls: { channelsFirst: true },
      box: { channelsFirst: true },
      coef: { channelsFirst: true },
      proto: { channelsFirst: true },
    },
  },
  {
    name: 'distances in padded cells and rows',
    form: { ...distances, box: { padCellElems: 4, padRowElems: 3 }, poison: 50 },
  },
  {
    name: 'int8 distances with zero points, int32 coefficients, int16 prototype',
    form: {
      ...distances,
      cls: { type: 's8', quantisation: oneScale(0.17, 30) },
      box: { type: 's8', quantisation: scales(4, 0.11, -3, 5, -20, 7) },
      coef: { type: 's32', quantisation: scales(5, 1e-5) },
      proto: { type: 's16', quantisation: oneScale(2e-4, 0) },
    },
  },
  {
    name: 'int16 distances with shifts',
    form: { ...distances, box: { type: 's16', quantisation: shifts(4, 10) } },
  },
  { name: 'threshold above a half', options: { scoreThreshold: 0.8 } },
  { name: 'threshold at a half', options: { scoreThreshold: 0.5 } },
  { name: 'low threshold, candidates cut', options: { scoreThreshold: 0.001 }, maxCandidates: 50 },
  { name: 'across classes', options: { classAgnosticNms: true, iouThreshold: 0.3 } },
  { name: 'some classes, few detections', options: { classes: [0, 2], maxDetections: 5 } },
  {
    name: 'padded cells and rows',
    form: {
      cls: { padCellElems: 1, padRowElems: 3 },
      box: { padCellElems: 2, padRowElems: 5 },
      coef: { padCellElems: 4 },
      proto: { padCellElems: 4, padRowElems: 8 },
      poison: 50,
    },
  },
  {
    name: 'padded rows only',
    form: { cls: { padRowElems: 5 }, proto: { padRowElems: 16 }, poison: Number.NaN },
  },
  {
    name: 'channels first',
    form: {
      cls: { channelsFirst: true },
      box: { channelsFirst: true },
      coef: { channelsFirst: true },
      proto: { channelsFirst: true },
    },
  },
  {
    name: 'int32 boxes and coefficients, int16 prototype',
    form: {
      box: { type: 's32', quantisation: scales(64, 1e-4) },
      coef: { type: 's32', quantisation: scales(4, 1e-5) },
      proto: { type: 's16', quantisation: oneScale(2e-4, 0) },
    },
  },
  {
    name: 'int8 everywhere with zero points',
    form: {
      cls: { type: 's8', quantisation: oneScale(0.17, 30) },
      box: { type: 's8', quantisation: oneScale(0.11, -3) },
      coef: { type: 's8', quantisation: oneScale(0.013, 5) },
      // With one scale for all, logits of exactly 0 would occur, whose sign is a matter of rounding.
      proto: { type: 's8', quantisation: scales(4, 0.021, -7, 3, 0, 12) },
    },
  },
  {
    name: 'int32 classes with scales per channel',
    form: { classCount: 9, cls: { type: 's32', quantisation: scales(9, 3e-5) } },
    options: { scoreThreshold: 0.6 },
  },
  {
    name: 'int16 with shifts',
    form: {
      cls: { type: 's16', quantisation: shifts(3, 9) },
      box: { type: 's16', quantisation: shifts(64, 10) },
      coef: { type: 's16', quantisation: shifts(1, 12) },
      proto: { type: 's16', quantisation: shifts(4, 11) },
    },
  },
];

/** Noise everywhere, with a smooth prototype so that masks have large parts; quantised as the form says. */
function makeCase(trial: Trial, seed: number): OracleCase {
  const random = makeRandom(seed);
  const model = buildModel(trial.form);
  for (const { cls, box, coef, heightCells, widthCells } of model.levels) {
    const fill = (view: TensorView, value: (channel: number) => number) => {
      const channels = Math.round(view.spec.dims.reduce((a, b) => a * b, 1) / (heightCells * widthCells));
      for (let y = 0; y < heightCells; y++) {
        for (let x = 0; x < widthCells; x++) {
          for (let channel = 0; channel < channels; channel++) setReal(view, y, x, channel, value(channel));
        }
      }
    };
    fill(cls, () => -8 + 10 * random() ** 3);
    fill(box, () => (model.regMax === 1 ? 5 * random() - 0.5 : 6 * (random() - 0.5)));
    fill(coef, () => 2 * (random() - 0.5));
  }
  const { widthPx, heightPx } = model.input;
  const coefCount = trial.form?.coefCount ?? 4;
  for (let channel = 0; channel < coefCount; channel++) {
    const [a, b, c] = [random() * 0.6, random() * 0.6, random() * 6];
    for (let y = 0; y < heightPx / 4; y++) {
      for (let x = 0; x < widthPx / 4; x++) {
        setReal(model.proto, y, x, channel, Math.sin(a * x + b * y + c) + 0.3 * (random() - 0.5));
      }
    }
  }
  const geometry: LetterboxGeometry = solveLetterbox(
    ...(trial.source ?? [widthPx * 2, heightPx * 2]),
    widthPx,
    heightPx,
    trial.stretch === true ? 'stretch' : 'letterbox',
  );
  return {
    heads: resolveHeads(
      model.tensors.map((view) => view.spec),
      model.input,
      trial.hints,
    ),
    tensors: model.tensors,
    geometry,
    options: { ...defaultOptions, iouThreshold: 0.5, maxDetections: 40, ...trial.options },
    maxCandidates: trial.maxCandidates ?? 2048,
  };
}

/** The same model's outputs as a stock export. */
function stockCase(channelsLast: boolean): OracleCase {
  const random = makeRandom(77);
  const [classCount, coefCount, sizePx] = [6, 4, 128];
  const cellCount = 336;
  const features = 4 + classCount + coefCount;
  const rows = new Float32Array(features * cellCount);
  const put = (feature: number, cell: number, value: number) => {
    rows[channelsLast ? cell * features + feature : feature * cellCount + cell] = value;
  };
  for (let cell = 0; cell < cellCount; cell++) {
    put(0, cell, random() * sizePx);
    put(1, cell, random() * sizePx);
    put(2, cell, random() * 60);
    put(3, cell, random() * 60);
    for (let classId = 0; classId < classCount; classId++) put(4 + classId, cell, random() ** 6);
    for (let coef = 0; coef < coefCount; coef++) put(4 + classCount + coef, cell, random() - 0.5);
  }
  const proto = Float32Array.from(
    { length: coefCount * 32 * 32 },
    (_, at) => Math.sin(at / 9) + random() - 0.5,
  );
  const dims = channelsLast ? [1, cellCount, features] : [1, features, cellCount];
  const rowsSpec = {
    name: 'output0',
    type: 'f32',
    dims,
    strideBytes: [features * cellCount * 4, dims[2] * 4, 4],
    quantisation: { kind: 'none' },
  } as const;
  const protoSpec = {
    name: 'output1',
    type: 'f32',
    dims: [1, coefCount, 32, 32],
    strideBytes: [coefCount * 4096, 4096, 128, 4],
    quantisation: { kind: 'none' },
  } as const;
  return {
    heads: resolveHeads([rowsSpec, protoSpec], { widthPx: sizePx, heightPx: sizePx }),
    tensors: [
      { spec: rowsSpec, data: rows },
      { spec: protoSpec, data: proto },
    ],
    geometry: solveLetterbox(320, 180, sizePx, sizePx),
    options: { ...defaultOptions, iouThreshold: 0.4 },
    maxCandidates: 2048,
  };
}

const unscaled: Quantisation = { kind: 'none' };

/** Rows that a model decoded on the BPU: [1, features, cells, 1], padded and quantised, prototypes with channels first. */
function bpuRowsCase(type: 's32' | 's16'): OracleCase {
  const { tensors, ...rest } = stockCase(false);
  const [rows, proto] = tensors as [TensorView, TensorView];
  const [features, cells] = [14, 336];
  const pitch = cells + 8;
  const dims = [1, features, cells, 1];
  const bytes = type === 's32' ? 4 : 2;
  const strideBytes = [features * pitch, pitch, 1, 1].map((elems) => elems * bytes);
  const boxScale = type === 's32' ? 1e-4 : 4e-3;
  const quantScales = Float32Array.from({ length: features }, (_, at) => (at < 4 ? boxScale : 5e-5));
  const quantisation: Quantisation = { kind: 'scale', quantScales, zeroPoints: new Int32Array(0), axis: 1 };
  const data = type === 's32' ? new Int32Array(features * pitch) : new Int16Array(features * pitch);
  data.fill(30_000);
  for (let feature = 0; feature < features; feature++) {
    for (let cell = 0; cell < cells; cell++) {
      data[feature * pitch + cell] = Math.round(rows.data[feature * cells + cell]! / quantScales[feature]!);
    }
  }
  const views: TensorView[] = [
    { spec: { name: 'rows', type, dims, strideBytes, quantisation }, data },
    proto,
  ];
  const specs = views.map(({ spec }) => spec);
  return { ...rest, heads: resolveHeads(specs, { widthPx: 128, heightPx: 128 }), tensors: views };
}

/** Finished results: noise, scores in no order, and rows of classes that there are not. */
function resultCase(nms: 'auto' | 'on'): OracleCase {
  const random = makeRandom(78);
  const { tensors, ...rest } = stockCase(false);
  const [rowCount, values, classCount] = [60, 10, 6];
  const data = new Float32Array(rowCount * values);
  for (let row = 0; row < rowCount; row++) {
    const [x, y] = [random() * 100, random() * 100];
    const id = row % 9 === 8 ? classCount : row % 11 === 10 ? 0.5 : Math.floor(random() * classCount);
    const coefs = Array.from({ length: 4 }, () => random() - 0.5);
    data.set([x, y, x + random() * 60, y + random() * 60, random(), id, ...coefs], row * values);
  }
  const dims = [1, rowCount, values];
  const strideBytes = [rowCount * values * 4, values * 4, 4];
  const spec = { name: 'output0', type: 'f32', dims, strideBytes, quantisation: unscaled } as const;
  const views: TensorView[] = [{ spec, data }, tensors[1]!];
  const specs = views.map((view) => view.spec);
  return {
    ...rest,
    heads: resolveHeads(specs, { widthPx: 128, heightPx: 128 }, { classCount }),
    tensors: views,
    options: { ...rest.options, nms },
  };
}

const skipped = numpyPython === null ? ' (skipped: no python3 with numpy)' : '';

describe.skipIf(numpyPython === null)(`against the numpy oracle${skipped}`, () => {
  it('gives the same objects and the same mask pixels for every form of model', { timeout: 60_000 }, () => {
    const names = [
      ...trials.map((trial) => trial.name),
      ...['stock export', 'stock export, cells first', 'int32 rows of the BPU', 'int16 rows of the BPU'],
      ...['finished results', 'finished results, suppressed'],
    ];
    const asReported = [
      ...trials.map((trial, index) => makeCase(trial, index + 1)),
      stockCase(false),
      stockCase(true),
      bpuRowsCase('s32'),
      bpuRowsCase('s16'),
      resultCase('auto'),
      resultCase('on'),
    ];
    const everyClass = asReported.map((one) => ({
      ...one,
      options: { ...one.options, everyClass: true },
      maxCandidates: 30_000,
    }));
    const cases = [...asReported, ...everyClass];
    names.push(...names.map((name) => `${name}, every class`));
    let moreCandidates = 0;
    const expected = runOracle(cases);
    let objects = 0;
    let spanCount = 0;
    cases.forEach(({ heads, tensors, geometry, options, maxCandidates }, index) => {
      const result = new Postprocessor(heads, { maxCandidates }).run(tensors, geometry, options);
      expectLikeOracle(result.instances, expected[index], names[index]);
      expect(result.candidateCount, names[index]).toBe(expected[index].candidateCount);
      expect(result.instances.count, `${names[index]}: found nothing`).toBeGreaterThan(1);
      objects += result.instances.count;
      if (options.everyClass) moreCandidates += result.candidateCount;
      else moreCandidates -= result.candidateCount;
      spanCount += result.instances.spans.length / 3;
    });
    expect(moreCandidates).toBeGreaterThan(500);
    expect(objects).toBeGreaterThan(1000);
    expect(spanCount).toBeGreaterThan(10_000);
  });
});
