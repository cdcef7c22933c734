import { describe, expect, it } from 'vitest';
import { packedStrideBytes, type TensorSpec } from '#dist/core/tensor.js';
import { type HeadHints, type ResolvedHeads, resolveHeads } from '#dist/model/heads.js';

const size = { widthPx: 640, heightPx: 640 };

function spec(name: string, ...dims: number[]): TensorSpec {
  return {
    name,
    type: 'f32',
    dims,
    strideBytes: packedStrideBytes(dims, 'f32'),
    quantisation: { kind: 'none' },
  };
}

/** Heads of so many channels on each level, in this order, and perhaps a prototype. */
function grids(channels: readonly number[], proto = true, steps = [8, 16, 32]): TensorSpec[] {
  const heads = steps.flatMap((step) =>
    channels.map((count, at) => spec(`o${step}_${'abcd'[at]}`, 1, 640 / step, 640 / step, count)),
  );
  return proto ? [...heads, spec('p', 1, 160, 160, 32)] : heads;
}

const resolve = (outputs: readonly TensorSpec[], hints: HeadHints = {}): ResolvedHeads =>
  resolveHeads(outputs, size, hints);

describe('models of other families are refused by name', () => {
  it.each([
    ['YOLO26-seg', grids([80, 4, 32]), /this is a YOLO26-seg model \(80 classes, boxes of 4 channels\)/],
    ['YOLO26-seg, 3 classes', grids([3, 4, 32]), /this is a YOLO26-seg model \(3 classes/],
    ['YOLO26-seg, 64 classes', grids([64, 4, 32]), /this is a YOLO26-seg model \(64 classes/],
    [
      'YOLOE-26',
      [8, 16, 32]
        .flatMap((step) =>
          [
            ['cls', 4585],
            ['box', 4],
            ['mc', 32],
          ].map(([name, count]) => spec(`${name}_${step}`, 1, 640 / step, 640 / step, Number(count))),
        )
        .concat(spec('proto', 1, 160, 160, 32)),
      /this is a YOLOE-26 model \(4585 classes/,
    ],
    [
      'end to end',
      [spec('output0', 1, 300, 38), spec('output1', 1, 32, 160, 160)],
      /finished results \(NMS inside: nms=True, or the end-to-end head of YOLO26\)/,
    ],
    [
      'decoded on the BPU',
      [spec('rows', 1, 116, 8400, 1), spec('proto', 1, 32, 160, 160)],
      /decodes its boxes on the BPU/,
    ],
    ['RKNN', grids([64, 80, 1, 32]), /an RKNN-style export: 13 outputs/],
    ['AXERA', grids([144, 32]), /an AXERA-style export: 7 outputs/],
    ['detection', grids([80, 64], false), /six heads are a detection model/],
    ['pose', grids([1, 64, 51], false), /nine heads .* of poses|nine heads .* of oriented boxes/],
    ['oriented boxes', grids([15, 64, 1], false), /nine heads .* here of oriented boxes/],
    ['detection, stock', [spec('output0', 1, 84, 8400)], /a detection, pose or oriented box model/],
    ['classification', [spec('output0', 1, 1000)], /a classification model/],
  ] as const)('%s', (_name, outputs, message) => {
    expect(() => resolve(outputs)).toThrow(message);
    expect(() => resolve(outputs)).toThrow(/expected +\| found/);
  });

  it('but nine heads with coefficients lack a prototype', () => {
    expect(() => resolve(grids([80, 64, 32], false))).toThrow(/^no output is a mask prototype/);
  });
});

describe('4 channels beside 64 are 4 classes with 16 bins or 64 classes with plain boxes', () => {
  const swapped = (outputs: readonly TensorSpec[]) => [...outputs].reverse();

  it('and told apart by the order of the zoo', () => {
    expect(resolve(grids([4, 64, 32]))).toMatchObject({ classCount: 4, regMax: 16 });
    expect(() => resolve(grids([64, 4, 32]))).toThrow(/YOLO26-seg model \(64 classes/);
  });

  it('by the class count', () => {
    for (const outputs of [grids([4, 64, 32]), swapped(grids([64, 4, 32]))]) {
      expect(resolve(outputs, { classCount: 4 })).toMatchObject({ classCount: 4 });
      expect(() => resolve(outputs, { classCount: 64 })).toThrow(/YOLO26-seg model \(64 classes/);
    }
  });

  it('else both are named and none is taken', () => {
    expect(() => resolve(swapped(grids([4, 64, 32])))).toThrow(
      /ambiguous: this is a YOLO26-seg model \(64 classes.*or one of 4 classes \(o8_a\) with 16 DFL bins \(o8_b\): .*class_count/,
    );
  });

  it('and 4 beside 80 is never 4 classes with 20 bins unless that is said', () => {
    expect(() => resolve(swapped(grids([80, 4, 32])))).toThrow(
      /ambiguous: this is a YOLO26-seg model \(80 classes/,
    );
    expect(() => resolve(grids([4, 80, 32]))).toThrow(/ambiguous: this is a YOLO26-seg model \(80 classes/);
    expect(resolve(grids([4, 80, 32]), { classCount: 4 })).toMatchObject({ regMax: 20 });
  });
});

describe('four levels', () => {
  const p2 = grids([3, 64, 32], false, [4, 8, 16, 32]);

  it('with the prototype on a finer grid are read', () => {
    const heads = resolve([...p2, spec('p', 1, 320, 320, 32)]);
    expect(heads).toMatchObject({ classCount: 3, cellCount: 34000, proto: { downsample: 2 } });
  });

  it('with it on the grid of the finest level are read where the heads of that are named, else refused', () => {
    const shared = [...p2, spec('p', 1, 160, 160, 32)];
    expect(() => resolve(shared)).toThrow(
      /the prototype shares the grid of the finest level \(a P2 model\) and 4 outputs lie there: name the three heads/,
    );
    const roles = new Map([
      ['o4_a', 'cls'],
      ['o4_b', 'box'],
      ['o4_c', 'coef'],
    ] as const);
    expect(resolve(shared, { roles })).toMatchObject({ proto: { spec: { name: 'p' } } });
  });
});
