// Models from anywhere: ONNX files cut and damaged in their protobuf, and outputs of any shape. What is not refused is read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect } from 'vitest';
import { encodeModel, readNodes, readOnnxFile } from '#dist/backends/onnx/graph/onnxFile.js';
import { readOnnxFileInfo } from '#dist/backends/onnx/modelFile.js';
import { elementTypes, type TensorSpec } from '#dist/core/tensor.js';
import { parseClassNames } from '#dist/model/classNames.js';
import { resolveHeads } from '#dist/model/heads.js';
import { cutHeads, headOrders } from '#dist/toolchain/onnx/cutHeads.js';
import { repoPath } from '../support/frames.js';
import { mutatedBytes } from './support/mutated.js';
import { fuzz, readOrRefused } from './support/target.js';

const folder = mkdtempSync(join(tmpdir(), 'fuzz-models-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.onnx');

const small = ['models/good', 'models/names-broken', 'exports/v8-80-classes-64x64-opset17'].map((name) =>
  readFileSync(repoPath(`test/fixtures/${name}.onnx`)),
);

describe('ONNX files', () => {
  fuzz('ONNX file', 300, mutatedBytes(small), async (bytes) => {
    writeFileSync(path, bytes);
    const info = await readOrRefused(() => readOnnxFileInfo(path));
    const names = info?.metadata.get('names');
    if (names !== undefined) await readOrRefused(() => parseClassNames(names));
    const model = await readOrRefused(() => readOnnxFile(path));
    if (model === null) return;
    // What was read is written and read the same.
    const written = encodeModel(model);
    writeFileSync(path, written);
    expect(Buffer.compare(encodeModel(await readOnnxFile(path)), written)).toBe(0);
    expect(readNodes(path).node.length).toBe(model.graph.node.length);
  });

  fuzz('ONNX export, cut to heads', 12, mutatedBytes([small[2]!]), async (bytes) => {
    writeFileSync(path, bytes);
    await readOrRefused(() => cutHeads(path, { order: headOrders[0], anyOpset: false }));
  });
});

describe('outputs of a model', () => {
  const size: fc.Arbitrary<number> = fc.constantFrom(1, 2, 4, 8, 16, 20, 32, 64, 80, 116, 300, 8400);
  const spec = fc
    .record({
      name: fc.oneof(fc.string(), fc.constantFrom('output0', 'output1', 'proto')),
      type: fc.constantFrom(...elementTypes),
      dims: fc.array(size, { minLength: 1, maxLength: 5 }),
    })
    .map((one): TensorSpec => {
      const bytes = { f32: 4, s32: 4, s16: 2, s8: 1 }[one.type];
      const strideBytes = one.dims.map(
        (_, axis) => bytes * one.dims.slice(axis + 1).reduce((a, b) => a * b, 1),
      );
      return { ...one, strideBytes, quantisation: { kind: 'none' } };
    });
  fuzz('outputs', 2000, fc.array(spec, { maxLength: 14 }), async (outputs) => {
    const heads = await readOrRefused(() => resolveHeads(outputs, { widthPx: 64, heightPx: 64 }));
    if (heads !== null) expect(heads.classCount).toBeGreaterThan(0);
  });
});
