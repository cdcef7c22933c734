import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModelInfo, specOfInfo } from '#dist/toolchain/info/modelInfoText.js';
import { summariseInfo, summaryAsText } from '#dist/toolchain/info/modelSummary.js';
import { headFixtures } from '../model/headFixture.js';
import { awk, fixtureText, logsMissing, realLog } from './files.js';

const modified = realLog('hrt_model_info_yolov8n_instance_seg_nv12_modified.txt');

function modelsOf(text: string) {
  return readModelInfo(text, 'info.txt').models;
}

describe(`real texts${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, () => {
  it.skipIf(logsMissing !== null).each([
    ['hrt_model_info_yolov8n_instance_seg_nv12_modified.txt', 'seed-yolov8n-int32'],
    ['hrt_model_info_yolov8n_instance_seg_nv12.txt', 'seed-yolov8n'],
    ['hrt_model_exec_log_yolov8n_seg.txt', 'zoo-yolov8n'],
  ])('%s has the outputs of the fixture %s and runs', (file, fixtureName) => {
    const [model, ...more] = modelsOf(readFileSync(realLog(file), 'utf8'));
    expect(more).toEqual([]);
    const fixture = headFixtures.find((one) => one.name === fixtureName);
    const shapeOf = (spec: ReturnType<typeof specOfInfo>) => ({
      type: spec.type,
      dims: spec.dims,
      strideBytes: spec.strideBytes,
      kind: spec.quantisation.kind,
      count: spec.quantisation.kind === 'scale' ? spec.quantisation.quantScales.length : 0,
    });
    expect(model.outputs.map(specOfInfo).map(shapeOf)).toEqual(fixture?.specs.map(shapeOf));
    const summary = summariseInfo(model);
    expect(summary.obstacle).toBeNull();
    expect(model.inputs[0]).toMatchObject({
      validShape: [1, 3, 640, 640],
      strideBytes: [0, 0, 0, 0],
      alignedByteSize: 614400,
    });
  });

  it.skipIf(logsMissing !== null)('scales and their statistics are those of the text', () => {
    const [model] = modelsOf(readFileSync(modified, 'utf8'));
    const lists = awk('/^scale data:/ { sub(/^scale data: */, ""); sub(/,$/, ""); print }', modified).map(
      (line) => line.split(',').map(Number),
    );
    const scaled = model.outputs.filter((output) => output.scales.length > 0);
    expect(scaled.map((output) => output.scales)).toEqual(lists);
    expect(scaled.map((output) => output.quantizeAxis)).toEqual(lists.map(() => 3));
    const ranges = summariseInfo(model).outputs.flatMap((output) => output.scales ?? []);
    const sorted = lists.map((list) => [...list].sort((a, b) => a - b));
    expect(ranges).toEqual(
      sorted.map((list) => ({
        count: list.length,
        axis: 3,
        least: list[0],
        median: (list[list.length / 2 - 1] + list[list.length / 2]) / 2,
        greatest: list.at(-1),
      })),
    );
  });

  it.skipIf(logsMissing !== null)('a detection model cannot run, and the reason says so', () => {
    const [model] = modelsOf(readFileSync(realLog('hrt_model_exec_log_yolov8n.txt'), 'utf8'));
    expect(summariseInfo(model).obstacle).toMatch(/six heads are a detection model/);
  });

  it.skipIf(logsMissing !== null)(
    'a text cut off at any line is refused with model and tensor, or at a tensor boundary read',
    () => {
      const lines = readFileSync(modified, 'utf8').split('\n');
      for (let count = 1; count < lines.length; count += 3) {
        try {
          const [model] = modelsOf(lines.slice(0, count).join('\n'));
          expect(model.inputs).toHaveLength(1);
        } catch (error) {
          expect(String(error)).toMatch(/cut off|not the whole text/);
        }
      }
    },
  );
});

describe('a file of two models', () => {
  const models = modelsOf(fixtureText('info-two-models.txt'));

  it('keeps them apart', () => {
    expect(models.map(({ name, inputs, outputs }) => [name, inputs.length, outputs.length])).toEqual([
      ['first', 1, 2],
      ['second', 1, 1],
    ]);
  });

  it('takes padded rows from the strides and the axis from the text', () => {
    const [cls] = models[0].outputs.map(specOfInfo);
    expect(cls.dims).toEqual([1, 8, 12, 3]);
    expect(cls.strideBytes).toEqual([1536, 192, 16, 4]);
    expect(cls.quantisation).toEqual({
      kind: 'scale',
      quantScales: Float32Array.from([0.5, 0.25, 0.125]),
      zeroPoints: new Int32Array(0),
      axis: 3,
    });
  });

  it('one scale without an axis is for the whole tensor; a shift is a shift', () => {
    const proto = specOfInfo(models[0].outputs[1]);
    expect(proto).toMatchObject({ type: 's16', quantisation: { kind: 'scale', quantScales: { length: 1 } } });
    expect(specOfInfo(models[1].outputs[0]).quantisation).toMatchObject({
      kind: 'shift',
      shifts: Uint8Array.from([7]),
    });
  });

  it('several scales without an axis lie along the only one of that length, else are refused', () => {
    const [cls] = models[0].outputs;
    expect(specOfInfo({ ...cls, quantizeAxis: null }).quantisation).toMatchObject({ axis: 3 });
    const square = { ...cls, validShape: [1, 3, 12, 3], quantizeAxis: null };
    expect(() => specOfInfo(square)).toThrow(/3 quantisation values and no axis; 2 axes fit/);
  });

  it('strides of the text win over what the shapes would give, a given axis over a guess', () => {
    const [cls] = models[0].outputs;
    expect(specOfInfo({ ...cls, strideBytes: [3072, 384, 32, 4] }).strideBytes).toEqual([3072, 384, 32, 4]);
    const square = { ...cls, validShape: [1, 3, 12, 3], quantizeAxis: 1 };
    expect(specOfInfo(square).quantisation).toMatchObject({ axis: 1 });
    const single = { ...cls, validShape: [1, 1, 12, 1], scales: [0.5], quantizeAxis: null };
    expect(specOfInfo(single).quantisation).toMatchObject({ quantScales: { length: 1 } });
  });

  it('without strides the aligned shape gives them', () => {
    const [cls] = models[0].outputs;
    expect(specOfInfo({ ...cls, strideBytes: [] }).strideBytes).toEqual([1536, 192, 16, 4]);
  });
});

it('a model ends with the line of dashes', () => {
  const text = `${fixtureText('info-two-models.txt')}\n-----------------------\nname: not of the model\n`;
  expect(modelsOf(text)[1].outputs[0].name).toBe('boxes');
});

it('an input of another kind is an obstacle of its own', () => {
  const fixture = headFixtures.find((one) => one.name === 'seed-yolov8n-int32');
  const [model] = modelsOf(fixtureText('info-two-models.txt')).slice(1);
  const outputs = (fixture?.specs ?? []).map((spec) => ({
    ...model.outputs[0],
    name: spec.name,
    type: `HB_DNN_TENSOR_TYPE_${spec.type.toUpperCase()}`,
    quantiType: spec.quantisation.kind === 'scale' ? 'SCALE' : 'NONE',
    scales: spec.quantisation.kind === 'scale' ? [...spec.quantisation.quantScales] : [],
    quantizeAxis: 3,
    validShape: spec.dims,
    alignedShape: spec.dims,
    alignedByteSize: spec.dims[0] * spec.strideBytes[0],
    strideBytes: spec.strideBytes,
  }));
  const inputs = [{ ...model.inputs[0], validShape: [1, 3, 640, 640] }];
  expect(summariseInfo({ name: 'rgb', inputs, outputs }).obstacle).toBeNull();
  const yuv444 = [{ ...inputs[0], type: 'HB_DNN_IMG_TYPE_YUV444' }];
  expect(summariseInfo({ name: 'yuv', inputs: yuv444, outputs }).obstacle).toMatch(
    /TYPE_YUV444.*NV12 or RGB/,
  );
  const nv12 = [{ ...inputs[0], type: 'HB_DNN_IMG_TYPE_NV12' }];
  const runs = summariseInfo({ name: 'nv12', inputs: nv12, outputs });
  expect(runs.obstacle).toBeNull();
  expect(runs.outputs.map((output) => [output.name, output.head])).toEqual([
    ['output0', 'coef8'],
    ['output1', 'coef16'],
    ['371', 'coef32'],
    ['379', 'box8'],
    ['387', 'box16'],
    ['395', 'box32'],
    ['403', 'cls8'],
    ['411', 'cls16'],
    ['419', 'cls32'],
    ['347', 'proto'],
  ]);
  const short = outputs.map((output, index) => (index === 3 ? { ...output, alignedByteSize: 1000 } : output));
  const summary = summariseInfo({ name: 'short', inputs: nv12, outputs: short });
  expect(summary.obstacle).toMatch(/output 379 has 1000 bytes; its strides reach over 1638400/);
  expect(summaryAsText(summary)).toContain('this node cannot run it');
});

it.each([
  ['HB_DNN_TENSOR_TYPE_F16', /F16; expected one of F32, S32, S16, S8/],
  ['HB_DNN_TENSOR_TYPE_S64', /S64/],
])('an output of type %s is refused', (type, message) => {
  const [cls] = modelsOf(fixtureText('info-two-models.txt'))[0].outputs;
  expect(() => specOfInfo({ ...cls, type })).toThrow(message);
});

it.each([
  ['valid shape: (1,8,12,3,)', 'valid shape: (1,8,-12,3,)', /expected 1 to 8 positive integers/],
  ['valid shape: (1,8,12,3,)', '', /output\[0\] of first \(line \d+\) has no "valid shape"/],
  [
    '[model name]: second',
    '[model name]: second\n[model name]: third',
    /found second with 0 inputs and 0 outputs/,
  ],
])('%j as %j is refused', (from, to, message) => {
  expect(() => modelsOf(fixtureText('info-two-models.txt').replace(from, to))).toThrow(message);
});
