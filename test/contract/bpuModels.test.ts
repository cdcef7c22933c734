import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { ConfigError, ModelContractError } from '#dist/core/errors.js';
import type { BpuOptions } from '#dist/core/ports.js';
import { packedSpec, type TensorSpec } from '#dist/core/tensor.js';
import { sessionOptions } from './backendContract.js';
import { fakednnMagic, renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';
import { fakednnLibrary } from '../support/fakednn.js';

const folder = mkdtempSync(join(tmpdir(), 'bpu-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const size = { widthPx: 64, heightPx: 64 };

/** Ten heads of a model of so many classes. */
function heads(classCount: number): TensorSpec[] {
  const level = (step: number) =>
    [classCount, 64, 32].map((channels) =>
      packedSpec(`${step}x${channels}`, [1, 64 / step, 64 / step, channels]),
    );
  return [...level(8), ...level(16), ...level(32), packedSpec('proto', [1, 16, 16, 32])];
}

let files = 0;
function open(text: string, changes: Partial<BpuOptions> = {}) {
  const modelPath = join(folder, `model${files++}.bin`);
  writeFileSync(modelPath, text);
  // fakednn answers zeros, which are no logits of a trained model.
  writeFileSync(modelPath.replace('.bin', '.yaml'), 'class_scores: logits\n');
  const bpu = { dnnLibrary: fakednnLibrary, modelName: '', taskTimeoutMs: 1000, priority: 0, ...changes };
  return openBpuSession({ ...sessionOptions(modelPath), bpu });
}

async function refusal(text: string, changes: Partial<BpuOptions> = {}): Promise<ModelContractError> {
  const outcome = await open(text, changes).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ModelContractError);
  return outcome as ModelContractError;
}

const good = fakednnMagic + renderModelInfo('good', size, heads(5));

describe('a file of several models', () => {
  const both =
    fakednnMagic + renderModelInfo('three', size, heads(3)) + renderModelInfo('seven', size, heads(7));

  it('is opened by name', async () => {
    const session = await open(both, { modelName: 'seven' });
    expect(session.model.classNames).toHaveLength(7);
    await session.close();
  });

  it.each([
    ['', 'holds 2 models (three, seven); name one of them with backend.model_name'],
    ['five', 'has no model "five"; it holds three, seven'],
  ])('is refused for the name %j with the names it has', async (modelName, text) => {
    const outcome = await open(both, { modelName }).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(ConfigError);
    expect((outcome as ConfigError).message).toContain(text);
  });
});

describe('model info', () => {
  const info = (text: string) => {
    const path = join(folder, 'asked.bin');
    writeFileSync(path, text);
    writeFileSync(join(folder, 'asked.yaml'), 'class_scores: logits\n');
    const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const args = [cli, 'model', 'info', path, '--dnn-library', fakednnLibrary];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  };

  it.each([
    ['of another chip', good.replace('\n', '\nmarch: bernoulli2\n'), 'INCOMPATIBLE_MODEL'],
    ['without a prototype', good.slice(0, good.indexOf('output[4]')), 'no output is a mask prototype'],
    ['with an input of floats', good.replace(/IMG_TYPE_NV12\w*/, 'TENSOR_TYPE_F32'), 'input'],
  ])('of a model %s says that the node cannot run it, and ends with 1', (_name, text, why) => {
    const { status, stdout, stderr } = info(text);
    expect(stdout).toMatch(/this node cannot run it: /);
    expect(stdout).toContain(why);
    expect(stderr).toMatch(/^rdk-yolo-seg: model_unfit: [^\n]*\n$/m);
    expect(status).toBe(1);
  });

  it.each([
    ['that is no model', '\x7fELF and so on', 'INVALID_MODEL'],
    [
      'of several models',
      fakednnMagic + renderModelInfo('a', size, heads(3)) + renderModelInfo('b', size, heads(7)),
      'name one of them',
    ],
  ])('of a file %s is unusable, and ends with 2', (_name, text, why) => {
    const { status, stdout, stderr } = info(text);
    expect(stderr).toContain(why);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

describe('a file', () => {
  it('as it should be is opened', async () => {
    const session = await open(good);
    expect(session.model.headForm).toContain('10 NHWC heads at 8/16/32 on 64x64: 5 classes');
    await session.close();
  });

  it.each([
    ['of another chip', good.replace('\n', '\nmarch: bernoulli2\n'), 'INCOMPATIBLE_MODEL (-6000014)'],
    ['that is something else', '\x7fELF and so on', 'INVALID_MODEL (-6000002)'],
    ['without a byte', '', 'CAN_NOT_OPEN_FILE (-6000006)'],
    ['cut in its input', good.slice(0, 90), 'hbDNNInitializeFromFiles: INVALID_MODEL'],
    ['cut between outputs', good.slice(0, good.indexOf('output[4]')), 'no output is a mask prototype'],
  ])('%s is refused', async (_name, text, message) => {
    expect((await refusal(text)).message).toContain(message);
  });
});

describe('a tensor', () => {
  const nth = (text: string, pattern: RegExp, index: number, by: string) => {
    let count = 0;
    return text.replace(new RegExp(pattern, 'g'), (found) => (count++ === index ? by : found));
  };
  // Index 0 is the input, index 1 the classes at downsample 8: [1, 8, 8, 5] f32.
  it.each([
    ['without memory', /aligned byte size: \d+/, 1, 'aligned byte size: 0', '0 bytes of memory'],
    [
      'that does not fit its memory',
      /aligned byte size: \d+/,
      1,
      'aligned byte size: 640',
      'ends at byte 1280 of 640',
    ],
    ['with strides of zero', /stride: .*/, 1, 'stride: (0,0,0,0,)', 'stride 0 on axis 0'],
    ['whose rows overlap', /stride: .*/, 1, 'stride: (1280,80,20,4,)', 'overlaps the 160 bytes inside it'],
    ['of half bytes', /TENSOR_TYPE_F32/, 0, 'TENSOR_TYPE_S4', 'output type S4'],
    ['of an unknown kind of number', /TENSOR_TYPE_F32/, 0, 'TENSOR_TYPE_F16', 'is F16; expected one of F32'],
    ['of integers without scale', /TENSOR_TYPE_F32/, 0, 'TENSOR_TYPE_S32', 's32 without scale or shift'],
    ['of an empty shape', /valid shape: .*/, 1, 'valid shape: (1,8,0,5,)', 'valid shape [1, 8, 0, 5]'],
    [
      'of the input in YUV444',
      /IMG_TYPE_NV12/,
      0,
      'IMG_TYPE_YUV444',
      'input type YUV444; expected NV12 or RGB',
    ],
    ['of the input with a batch', /valid shape: .*/, 0, 'valid shape: (2,3,64,64,)', 'expected one picture'],
    [
      'of the input with too little memory',
      /aligned byte size: \d+/,
      0,
      'aligned byte size: 6000',
      '6000 bytes for rows of 64',
    ],
  ])('%s is refused with its numbers', async (_name, pattern, index, by, message) => {
    const error = await refusal(nth(good, pattern, index, by));
    expect(error.message).toContain(message);
  });

  it('whose end no number of 64 bits holds is refused, not taken for one that ends before its beginning', async () => {
    const most = 2 ** 31 - 1;
    const wide = nth(good, /valid shape: .*/, 1, `valid shape: (${most},${most},${most},5,)`);
    const text = nth(wide, /stride: .*/, 1, `stride: (${most},${most},${most},4,)`);
    expect((await refusal(text)).message).toContain(`ends at byte ${2n ** 61n} of 1280`);
  });
});

// Real dumps of compiled models, which are not ours to ship.
const data = process.env.RDK_YOLO_SEG_DATA;
describe.skipIf(data === undefined)(
  `real models (RDK_YOLO_SEG_DATA${data === undefined ? ' not set' : ''})`,
  () => {
    it.each([
      ['hrt_model_info_yolov8n_instance_seg_nv12', 'cls f32, box f32, coef f32, proto f32'],
      ['hrt_model_info_yolov8n_instance_seg_nv12_modified', 'cls f32, box s32, coef s32, proto f32'],
      ['hrt_model_exec_log_yolov8n_seg', 'cls f32, box f32, coef f32, proto f32'],
    ])('%s is understood', async (log, types) => {
      const dump = readFileSync(join(data!, 'logs', `${log}.txt`), 'utf8');
      const session = await open(fakednnMagic + dump);
      const { model } = session;
      expect([model.inputWidthPx, model.inputHeightPx, model.classNames.length]).toEqual([640, 640, 80]);
      expect(model.classNames[0]).toBe('class 0');
      expect(model.headForm).toContain(types);
      const scales = [...dump.matchAll(/^scale data: (.*),$/gm)].map(([, list]) =>
        list!.split(',').map(Number),
      );
      const found = model.outputs.flatMap(({ quantisation }) =>
        quantisation.kind === 'scale' ? [[...quantisation.quantScales]] : [],
      );
      expect(found).toEqual(scales.map((list) => [...Float32Array.from(list)]));
      await session.close();
    });
  },
);
