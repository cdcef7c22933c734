import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { OnnxModel } from '#dist/backends/onnx/model.js';
import { recordTensors, type TensorSource } from '#dist/backends/replay/recordTensors.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { packedSpec } from '#dist/core/tensor.js';
import { openViews, prepareSlot, probeLibrary, releaseSlot, runSlot } from '#dist/native/bpu.js';
import { closeFrame, wrapNv12 } from '#dist/native/core.js';
import { recordFakeModel, writeFakeModel } from '../../../tools/fakednn/record.mjs';
import { sessionOptions } from '../../contract/backendContract.js';
import { nv12Picture } from '../pictures.js';
import { fakednnLibrary as library } from '../../support/fakednn.js';

const repoPath = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const onnxPath = repoPath('assets/models/shapes-seg-320.onnx');
const folder = mkdtempSync(join(tmpdir(), 'fakednn-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
let path = '';
beforeEach(() => {
  path = join(folder, `model${count++}.bin`);
});

/** A model that answers -1, -2, -3, ..., which class heads may hold. */
const counting: TensorSource = {
  takes: 'rgb',
  inputWidthPx: 32,
  inputHeightPx: 32,
  outputAliases: new Map(),
  endsInSigmoid: () => false,
  classNames: ['one', 'two', 'three', 'four', 'five'],
  borrowedOutputs: [8, 16, 32]
    .flatMap((step) => [5, 64, 32].map((channels) => [32 / step, channels] as const))
    .concat([[8, 32]])
    .map(([side, channels], index) => ({
      spec: packedSpec(`out${index}`, [1, side, side, channels]),
      data: Float32Array.from({ length: side * side * channels }, (_, at) => -1 - at),
    })),
  run: async () => {},
};
const picture = {
  name: 'noise',
  widthPx: 32,
  heightPx: 32,
  nv12: Uint8Array.from({ length: 32 * 48 }, (_, at) => (at * 37) % 251),
};
const request = () => ({ path, model: counting, modelName: 'counting', pictures: [picture] });

it('names frames by the input and derives the text from the outputs', async () => {
  expect(await recordFakeModel({ ...request(), coreMs: 5.5 })).toMatchObject({
    frameCount: 1,
    inputCount: 2,
  });
  // A picture of the model's size is the input itself; the other is what sessions begin with.
  const hash = createHash('sha256').update(picture.nv12).digest('hex').slice(0, 16);
  expect(readdirSync(path.replace('.bin', '.replay/frames'))).toContain(`${hash}.bin`);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('core_ms: 5.5\n');
  expect(text).toContain('valid shape: (1,3,32,32,)');
  expect(text.match(/^name: out\d$/gm)).toHaveLength(10);
  expect(text).toMatch(
    /name: out1\n.*\(1,4,4,64,\)\n.*\n.* 4096\n.*F32\n.*\n.*NONE\nstride: \(4096,1024,256,4,\)/,
  );
});

it('keeps a text that is given, with the scales of what was recorded', async () => {
  await recordFakeModel(request());
  const text = readFileSync(path, 'utf8').split('\n').slice(3).join('\n');
  const scaled = {
    ...counting,
    borrowedOutputs: counting.borrowedOutputs.map(({ spec, data }) =>
      spec.name === 'out1'
        ? { spec: { ...spec, type: 's32' as const }, data: Int32Array.from(data) }
        : { spec, data },
    ),
  };
  const infoText = text.replace(
    /(name: out1\n(?:.*\n)*?)quanti type: NONE/,
    '$1quanti type: SCALE\nscale data: 7,7,\nquantizeAxis: 3',
  );
  path = path.replace('.bin', '-text.bin');
  const out1 = Array.from({ length: 64 }, (_, at) => (at + 1) / 2);
  await recordFakeModel({ ...request(), model: scaled, infoText, scales: { out1 } });
  expect(readFileSync(path, 'utf8')).toContain(infoText.replace('7,7,', `${out1.join(',')},`));
});

it('refuses a recording for another input than NV12', async () => {
  const recording = path.replace('.bin', '.replay');
  const { preprocess } = sessionOptions('');
  await recordTensors({ ...request(), path: recording, scales: {}, form: 'rgb', preprocess });
  await expect(writeFakeModel(path)).rejects.toThrow(/is recorded for rgb; expected nv12/);
});

function takeName(): object {
  writeFileSync(path, '');
  return {};
}

it.each([
  ['a name that is no model', () => ({ path: `${path}x` }), /expected NAME.bin/],
  ['a name that is taken', takeName, /exists already/],
  [
    'a text of other outputs',
    () => ({ infoText: 'output[0]: \nname: boxes\n' }),
    /has an output boxes; recorded are out0/,
  ],
  [
    'no ten heads',
    () => ({ model: { ...counting, borrowedOutputs: counting.borrowedOutputs.slice(1) } }),
    /three heads/,
  ],
])('refuses %s and leaves nothing', async (_name, changes, message) => {
  const bad = changes();
  const before = readdirSync(folder).sort();
  await expect(recordFakeModel({ ...request(), ...bad })).rejects.toThrow(message);
  expect(readdirSync(folder).sort()).toEqual(before);
});

it('makes a model whose slots give what ONNX Runtime makes of their pixels', async () => {
  const { bytes, layout } = nv12Picture('noise', 160, 120);
  const model = await OnnxModel.open(onnxPath, 2);
  const source = { name: 'noise', widthPx: 160, heightPx: 120, nv12: bytes };
  await recordFakeModel({ path, model, modelName: 'shapes', pictures: [source] });
  await model.close();
  const preprocess = { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' } as const;
  const { violations: before } = held();
  const session = await openBpuSession({
    modelPath: path,
    classNames: null,
    preprocess,
    aim: 'age',
    tasksInFlight: 1,
    threads: 0,
    postprocessWorkers: 0,
    bpu: { dnnLibrary: library, modelName: '', taskTimeoutMs: 5000, priority: 0 },
  });
  const frame = wrapNv12(bytes, layout);
  const geometry = solveLetterbox(160, 120, 320, 320);
  const lease = await prepareSlot(session.id, {
    frame,
    geometry,
    filter: 'auto',
    yuvRange: 'full',
    preview: null,
  });
  await runSlot(session.id, lease);
  const slot = openViews(session.id)[lease.slot]!;
  const expected = await (await InferenceSession.create(onnxPath)).run({
    images: new Tensor('float32', rgbOf(new Uint8Array(slot.input), 320), [1, 3, 320, 320]),
  });
  session.model.outputs.forEach(({ name }, index) => {
    const found = new Float32Array(slot.outputs[index]!);
    const wanted = expected[name]!.data as Float32Array;
    const worst = found.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at]!)), 0);
    // Colour conversions round differently; logits of another picture differ by 10 and more.
    expect(worst, name).toBeLessThan(0.5);
  });
  releaseSlot(session.id, lease);
  closeFrame(frame);
  await session.close();
  expect(held()).toEqual({ memory: 0, tasks: 0, models: 0, violations: before });
});

function held() {
  const [memory, tasks, models, violations] = probeLibrary(library).version.match(/\d+/g)!.map(Number);
  return { memory, tasks, models, violations };
}

/** Planes R, G, B in 0..1 of full-range BT.601 NV12, in floating point. */
function rgbOf(nv12: Uint8Array, side: number): Float32Array {
  const planes = new Float32Array(3 * side * side);
  for (let at = 0; at < side * side; at++) {
    const uvAt = side * side + Math.floor(at / side / 2) * side + ((at % side) & ~1);
    const [y, u, v] = [nv12[at]!, nv12[uvAt]! - 128, nv12[uvAt + 1]! - 128];
    [y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u].forEach((value, plane) => {
      planes[plane * side * side + at] = Math.min(255, Math.max(0, value)) / 255;
    });
  }
  return planes;
}
