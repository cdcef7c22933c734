import { describe, expect, it } from 'vitest';
import { toTensorSpec } from '#dist/backends/bpu/tensorSpec.js';
import { ModelContractError } from '#dist/core/errors.js';
import type { BpuOutput } from '#dist/native/bpu.js';

const output: BpuOutput = {
  name: '379',
  type: 'S32',
  dims: [1, 80, 80, 3],
  strideBytes: [102_400, 1280, 16, 4],
  sizeBytes: 102_400,
  quantiType: 2,
  quantizeAxis: 3,
  scales: [0.5, 0.25, 0.125],
  zeroPoints: [],
  shifts: [],
};

describe('toTensorSpec', () => {
  it('takes name, shape and strides as they are', () => {
    expect(toTensorSpec(output)).toMatchObject({
      name: '379',
      type: 's32',
      dims: [1, 80, 80, 3],
      strideBytes: [102_400, 1280, 16, 4],
    });
  });

  it('reads scales with their axis, shifts, and none', () => {
    expect(toTensorSpec({ ...output, zeroPoints: [7] }).quantisation).toEqual({
      kind: 'scale',
      quantScales: Float32Array.of(0.5, 0.25, 0.125),
      zeroPoints: Int32Array.of(7),
      axis: 3,
    });
    expect(toTensorSpec({ ...output, quantiType: 1, shifts: [3, 4, 5] }).quantisation).toEqual({
      kind: 'shift',
      shifts: Uint8Array.of(3, 4, 5),
      axis: 3,
    });
    expect(toTensorSpec({ ...output, quantiType: 0, type: 'F32' }).quantisation).toEqual({ kind: 'none' });
  });

  it.each(['F16', 'U8', 'S64'])('refuses %s by name', (type) => {
    expect(() => toTensorSpec({ ...output, type })).toThrow(ModelContractError);
    expect(() => toTensorSpec({ ...output, type })).toThrow(
      `output 379 is ${type}; expected one of F32, S32, S16, S8`,
    );
  });
});
