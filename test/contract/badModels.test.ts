import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { afterAll, describe, expect, it } from 'vitest';
import { openSession, openSessionSync } from '#dist/backends/registry.js';
import { ConfigError, ModelContractError, type SegError } from '#dist/core/errors.js';
import { sessionOptions } from './backendContract.js';
import { headsModel } from './headsModel.js';
import { repoPath } from '../support/frames.js';

const folder = mkdtempSync(join(tmpdir(), 'bad-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const whole = readFileSync(repoPath('assets/models/shapes-seg-320.onnx'));
const fixture = (name: string) => repoPath(`test/fixtures/models/${name}.onnx`);

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Repeatable noise. */
function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

async function refusal(path: string, backend = 'auto'): Promise<SegError> {
  const outcome = await openSession(backend, sessionOptions(path)).catch(
    (error: unknown) => error as SegError,
  );
  if (!(outcome instanceof Error)) {
    await outcome.close();
    throw new Error(`${path} was opened`);
  }
  return outcome;
}

describe('bad models', () => {
  it('the sound tiny models open: the faults below are what is refused', async () => {
    for (const [name, classNames] of [
      ['good', ['ball', 'crate']],
      ['no-metadata', ['class 0', 'class 1']],
    ] as const) {
      const session = await openSession('auto', sessionOptions(fixture(name)));
      expect(session.model.classNames).toEqual(classNames);
      await session.close();
    }
  });

  it('one that loads and cannot be run is the fault of the model', async () => {
    const model = fromBinary(ModelProtoSchema, readFileSync(headsModel(folder, [])));
    const { node, initializer } = model.graph!;
    const last = node.at(-1)!;
    const [name] = last.output;
    last.output = ['before'];
    // The runtime finds out that there is no channel 1000 when it looks for it.
    initializer.push(
      create(TensorProtoSchema, {
        name: 'channels',
        dims: [32n],
        dataType: TensorProto_DataType.INT64,
        int64Data: Array.from({ length: 32 }, () => 1000n),
      }),
    );
    node.push(
      create(NodeProtoSchema, {
        opType: 'Gather',
        input: ['before', 'channels'],
        output: [name!],
        attribute: [{ name: 'axis', type: AttributeProto_AttributeType.INT, i: 1n }],
      }),
    );
    const error = await refusal(write('gather.onnx', toBinary(ModelProtoSchema, model)));
    expect(error).toMatchObject({ code: 'onnx_run' });
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.message).toMatch(/gather\.onnx fails on a grey picture: .*out of data bounds/s);
  });

  it('missing', async () => {
    const error = await refusal(join(folder, 'none.onnx'));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'model_missing' });
    expect(error.message).toContain('none.onnx does not exist');
  });

  it('a folder', async () => {
    const error = await refusal(folder, 'onnx');
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'model_unreadable' });
    expect(error.message).toContain('cannot be read: it is a folder, expected a file');
  });

  it.each<[name: string, bytes: () => Uint8Array | string, code: string, text: string]>([
    ['truncated in the graph', () => whole.subarray(0, 1_000_000), 'model_truncated', '1000000 bytes'],
    ['truncated by one byte', () => whole.subarray(0, whole.length - 1), 'model_truncated', 'bytes'],
    ['random bytes', () => noise(4096), 'model_not_onnx', '4096 bytes'],
    ['empty', (): string => '', 'model_not_onnx', '0 bytes'],
    [
      'a Git LFS pointer',
      () => 'version https://git-lfs.github.com/spec/v1\n',
      'model_not_onnx',
      'version https://git-lfs',
    ],
    ['weights overwritten by noise', () => corrupt(), 'model_not_loadable', 'onnxruntime cannot load'],
  ])('%s', async (name, bytes, code, text) => {
    const error = await refusal(write(`${name.replaceAll(' ', '-')}.onnx`, bytes()));
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it.each([
    ['task-detect', 'wrong_task', 'expected "segment"'],
    ['detect-unlabelled', 'heads', 'a detection, pose or oriented box model: there is no mask prototype'],
    ['pose-unlabelled', 'heads', 'output0 [1, 56, 21]'],
    ['input-dynamic', 'model_input_dynamic', 'images float32 [1, 3, height, width]'],
    ['input-uint8', 'model_input', 'images uint8 [1, 3, 32, 32]'],
    ['input-nhwc', 'model_input', 'images float32 [1, 32, 32, 3]'],
    ['input-two', 'model_input', 'it has 2 inputs'],
    ['output-float16', 'model_output_type', 'float16; expected one of float32'],
    ['names-broken', 'class_names', 'names-broken.onnx: class names cannot be read'],
    ['names-too-many', 'heads', '4 + 3 + 4 features'],
  ])('%s', async (name, code, text) => {
    const error = await refusal(fixture(name));
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('class names of the wrong number', async () => {
    const opening = openSession('onnx', sessionOptions(fixture('good'), { classNames: ['only one'] }));
    await expect(opening).rejects.toMatchObject({ name: 'ModelContractError', code: 'heads' });
  });

  it('is the same when opened synchronously', () => {
    expect(() => openSessionSync('auto', sessionOptions(fixture('task-detect')))).toThrow(ModelContractError);
    expect(() => openSessionSync('auto', sessionOptions(join(folder, 'none.onnx')))).toThrow(ConfigError);
  });

  it.each([
    ['auto', 'yolov8n-seg.hbm', 'model_missing', 'does not exist'],
    ['bpu', 'yolov8n-seg.HBM', 'model_missing', 'does not exist'],
    ['auto', 'yolov8n-seg.bin', 'model_missing', 'does not exist'],
    ['auto', 'yolov8n-seg.pt', 'backend_unknown', 'yolo export model=yolov8n-seg.pt format=onnx opset=11'],
    ['auto', 'checkpoint.PTH', 'backend_unknown', 'are weights of PyTorch (.pth), which no backend runs'],
    ['auto', 'yolov8n-seg.engine', 'backend_unknown', '".engine"'],
    ['cuda', 'yolov8n-seg.onnx', 'backend_unknown', 'auto, bpu, onnx'],
  ])('backend %s for %s', async (backend, path, code, text) => {
    const error = await refusal(path, backend);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});

/** Keeps the top-level fields whole and spoils the graph inside. */
function corrupt(): Uint8Array {
  const bytes = Uint8Array.from(whole);
  bytes.set(noise(200_000), 2000);
  return bytes;
}
