import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { frameLayout, viewFrame } from '#dist/backends/replay/frameLayout.js';
import type { Recording } from '#dist/backends/replay/recording.js';
import { readRecording, renderRecording } from '#dist/backends/replay/recordingFile.js';
import type { TensorSpec } from '#dist/core/tensor.js';

const padded: TensorSpec = {
  name: 'padded',
  type: 's16',
  dims: [1, 2, 3],
  strideBytes: [64, 32, 4],
  quantisation: { kind: 'shift', shifts: Uint8Array.of(3, 4, 5), axis: 2 },
};
const scaled: TensorSpec = {
  name: 'scaled',
  type: 's8',
  dims: [1, 65],
  strideBytes: [65, 1],
  quantisation: {
    kind: 'scale',
    quantScales: Float32Array.of(7.6559059380088e-5),
    zeroPoints: Int32Array.of(-3),
    axis: 1,
  },
};
const plain: TensorSpec = {
  name: '0371',
  type: 'f32',
  dims: [1, 4],
  strideBytes: [16, 4],
  quantisation: { kind: 'none' },
};
const outputs = [padded, scaled, plain];

it('frameLayout puts every output at the next multiple of 64 bytes and keeps its padding', () => {
  // padded: 32 + 2 * 4 + 2 = 42 bytes to the end of its last element; scaled: 65; plain: 16.
  expect(frameLayout(outputs)).toEqual({ offsetsBytes: [0, 64, 192], sizeBytes: 256 });
});

it('viewFrame sees the elements where a file has them', () => {
  const layout = frameLayout(outputs);
  const bytes = new DataView(new ArrayBuffer(layout.sizeBytes));
  bytes.setInt16(32 + 2 * 4, -1234, true);
  bytes.setInt8(64 + 64, -7);
  bytes.setFloat32(192 + 12, 0.5, true);
  const [first, second, third] = viewFrame(bytes.buffer, outputs, layout);
  expect(first!.data[(1 * 32 + 2 * 4) / 2]).toBe(-1234);
  expect(second!.data[64]).toBe(-7);
  expect(third!.data[3]).toBe(0.5);
});

it('recording.yaml keeps everything: rules of quantisation, float32 scales, names that look like numbers', () => {
  const hash = '0123456789012345';
  const recording: Recording = {
    model: 'some model: v1.onnx',
    form: 'nv12',
    inputWidthPx: 64,
    inputHeightPx: 32,
    preprocess: { resizeMode: 'stretch', yuvRange: 'limited', scaleFilter: 'box' },
    classScores: 'logits' as const,
    oneToOne: true,
    heads: { classes: ['0371'], boxes: ['scaled'], coefficients: ['padded'] },
    classNames: ['no', 'null', '1', "driver's seat"],
    outputs,
    frames: [{ hash, source: '007.jpg' }],
  };
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  mkdirSync(join(folder, 'frames'));
  writeFileSync(join(folder, 'recording.yaml'), renderRecording(recording));
  writeFileSync(join(folder, 'frames', `${hash}.bin`), new Uint8Array(256));
  expect(readRecording(folder)).toEqual({ recording, layout: frameLayout(outputs) });
  rmSync(folder, { recursive: true });
});
