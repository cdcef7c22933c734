import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '#dist/core/tensor.js';
import { type HeadHints, type ResolvedHeads, resolveHeads } from '#dist/model/heads.js';
import { byLevel, proto, sizePx, spec } from './gridSpecs.js';

const size = { widthPx: sizePx, heightPx: sizePx };

const ten = (channels: readonly number[]) => [...byLevel(channels), proto()];

const resolve = (outputs: readonly TensorSpec[], hints: HeadHints = {}): ResolvedHeads =>
  resolveHeads(outputs, size, hints);

const nineHeads =
  /^nine heads without a mask prototype are a pose or oriented box model, or a segmentation model whose prototype was left out; take a -seg model with all its outputs/;

describe('models of other families are refused by name', () => {
  it.each([
    ['RKNN', ten([64, 80, 1, 32]), /an RKNN-style export: 13 outputs/],
    ['AXERA', ten([144, 32]), /an AXERA-style export: 7 outputs/],
    ['detection', byLevel([80, 64]), /six heads are a detection model/],
    ['no coefficients', ten([80, 64]), /^downsample 8 and 16 and 32 have not exactly three heads/],
    ['pose of one class', byLevel([1, 64, 51]), nineHeads],
    ['oriented boxes', byLevel([15, 64, 1]), nineHeads],
    ['16 coefficients, no prototype', byLevel([80, 64, 16]), nineHeads],
    ['detection, stock', [spec('output0', [1, 84, 8400])], /a detection, pose or oriented box model/],
    ['classification', [spec('output0', [1, 1000])], /a classification model/],
  ] as const)('%s', (_name, outputs, message) => {
    expect(() => resolve(outputs)).toThrow(message);
    expect(() => resolve(outputs)).toThrow(/expected +\| found/);
  });

  it('but nine heads with coefficients lack a prototype', () => {
    expect(() => resolve(byLevel([80, 64, 32]))).toThrow(/^no output is a mask prototype/);
  });
});

describe('boxes of four distances', () => {
  it.each([
    ['YOLO26-seg', ten([80, 4, 32]), 80],
    ['YOLO26-seg, 79 classes, which are no boxes', ten([79, 4, 32]), 79],
    ['YOLO26-seg, 3 classes', ten([4, 3, 32]), 3],
    [
      'YOLOE-26',
      [8, 16, 32]
        .flatMap((step) =>
          [
            ['cls', 4585],
            ['box', 4],
            ['mc', 32],
          ].map(([name, count]) => spec(`${name}_${step}`, [1, 640 / step, 640 / step, Number(count)])),
        )
        .concat(spec('proto', [1, 160, 160, 32])),
      4585,
    ],
  ] as const)('are those of %s', (_name, outputs, classCount) => {
    const heads = resolve(outputs);
    expect(heads).toMatchObject({ kind: 'raw', classCount, boxForm: 'distances', regMax: 1 });
    expect(heads.form).toMatch(/boxes of 4 distances.*; NMS on by auto, nothing tells of one-to-one heads$/);
  });

  it('are refused where they are said to be distributions', () => {
    expect(() => resolve(ten([79, 4, 32]), { boxForm: 'dfl' })).toThrow(
      /^the box form given is not the model's\n.*\n +boxes of dfl \(given\) +\| 79 classes \(o8_a\), boxes of 4 distances \(o8_b\)/,
    );
    expect(() => resolve(ten([79, 64, 32]), { boxForm: 'distances' })).toThrow(
      /boxes of distances \(given\) +\| 79 classes \(o8_a\), 16 DFL bins/,
    );
  });
});

describe('exports that decode themselves', () => {
  const rows = spec('output0', [1, 300, 38]);
  const prototype = spec('output1', [1, 32, 160, 160]);

  it('end to end are read, NMS off, where the class count is known', () => {
    for (const outputs of [
      [rows, prototype],
      [prototype, rows],
      [rows, spec('p', [1, 160, 160, 32])],
    ]) {
      const heads = resolve(outputs, { classCount: 80 });
      expect(heads).toMatchObject({ kind: 'results', classCount: 80, cellCount: 300, coefCount: 32 });
      expect(heads.form).toMatch(
        /^finished results .*; NMS off by auto, one-to-one heads by finished results$/,
      );
    }
    expect(resolve([rows, prototype], { classCount: 80, oneToOne: false }).oneToOneBy).toBeNull();
    expect(() => resolve([rows, prototype])).toThrow(
      /^finished results do not tell how many classes there are: give class_names or class_count in the manifest/,
    );
    expect(() => resolve([rows, prototype, spec('more', [1, 2])], { classCount: 80 })).toThrow(
      /^an export with finished results has exactly two outputs/,
    );
    expect(() => resolve([spec('output0', [2, 300, 38]), prototype], { classCount: 80 })).toThrow(
      /^output0 holds no rows of finished results\n.*\n +\[1, N, 6 \+ 32\]/,
    );
  });

  it.each([
    [[1, 116, 8400, 1], 1],
    [[1, 1, 116, 8400], 2],
    [[1, 8400, 1, 116], 3],
  ] as const)('on the BPU are read: rows %j', (dims, featureAxis) => {
    for (const outputs of [
      [spec('rows', dims), prototype],
      [prototype, spec('rows', dims)],
    ]) {
      expect(resolve(outputs)).toMatchObject({
        kind: 'stock',
        classCount: 80,
        cellCount: 8400,
        rows: { featureAxis, spec: { name: 'rows' } },
        proto: { channelAxis: 1 },
      });
    }
  });
});

describe('heads that are one-to-one', () => {
  const named = (branches: readonly string[]) =>
    ten([80, 4, 32]).map((one, at) => ({
      ...one,
      name: `/model.23/${branches[at % 3] ?? 'p'}.${at}/Conv_output_0`,
    }));
  const oneToOne = named(['one2one_cv3', 'one2one_cv2', 'one2one_cv4']);

  it('are known by the names of their class and box heads', () => {
    const heads = resolve(oneToOne);
    expect(heads.oneToOneBy).toBe('names');
    expect(heads.form).toMatch(/; NMS off by auto, one-to-one heads by names$/);
    expect(resolve(named(['cv3', 'one2one_cv2', 'one2one_cv4'])).oneToOneBy).toBeNull();
    const numbered = ten([80, 4, 32]);
    const aliases = new Map(numbered.map(({ name }, at) => [name, [oneToOne[at]!.name]]));
    expect(resolve(numbered, { aliases }).oneToOneBy).toBe('names');
  });

  it('or by somebody who knows the model, also against names', () => {
    expect(resolve(ten([80, 4, 32]), { oneToOne: true }).oneToOneBy).toBe('what was given');
    expect(resolve(oneToOne, { oneToOne: false }).oneToOneBy).toBeNull();
    expect(resolve(ten([80, 64, 32]), { oneToOne: true })).toMatchObject({ oneToOneBy: 'what was given' });
  });

  it('and are not looked for in a model with distributions that says nothing', () => {
    const heads = resolve(ten([80, 64, 32]));
    expect(heads.oneToOneBy).toBeNull();
    expect(heads.form).not.toContain('NMS');
  });
});

describe('four levels', () => {
  const p2 = byLevel([3, 64, 32], [4, 8, 16, 32]);

  it('with the prototype on a finer grid are read', () => {
    const heads = resolve([...p2, spec('p', [1, 320, 320, 32])]);
    expect(heads).toMatchObject({ classCount: 3, cellCount: 34000, proto: { downsample: 2 } });
  });

  it('with it on the grid of the finest level are read where the heads of that are named, else refused', () => {
    const shared = [...p2, spec('p', [1, 160, 160, 32])];
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
