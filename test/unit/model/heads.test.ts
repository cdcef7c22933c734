import { describe, expect, it } from 'vitest';
import { packedSpec as spec, type TensorSpec } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';
import { type Form, perChannel, refusal, resolve, roles, shuffled, raw, tenHeads } from './headSpecs.js';

describe('raw heads', () => {
  it.each([
    { name: 'seed export', form: {} },
    { name: 'integer boxes and coefficients', form: { boxType: 's32', coefType: 's32' } as const },
    { name: '1 class', form: { classCount: 1 } },
    { name: '3 classes', form: { classCount: 3 } },
    { name: '365 classes', form: { classCount: 365 } },
    { name: '640x384', form: { heightPx: 384 } },
    { name: '416x640', form: { widthPx: 416 } },
    { name: '8 DFL bins, 16 coefficients', form: { regMax: 8, coefCount: 16, classCount: 5 } },
  ])('peer bug 2: are found in any order: $name', ({ form }) => {
    const outputs = tenHeads(form);
    const first = raw(resolve(outputs, form));
    expect(first.classCount).toBe((form as Form).classCount ?? 80);
    expect(first.regMax).toBe((form as Form).regMax ?? 16);
    expect(first.coefCount).toBe((form as Form).coefCount ?? 32);
    for (let seed = 1; seed <= 20; seed++) {
      const order = shuffled(outputs, seed);
      const heads = raw(resolve(order, form));
      expect(roles(heads)).toEqual(roles(first));
      for (const grid of [heads.proto, ...heads.levels.flatMap(({ cls, box, coef }) => [cls, box, coef])]) {
        expect(order[grid.outputIndex]).toBe(grid.spec);
      }
    }
  });

  it('count cells through the levels', () => {
    const heads = raw(resolve(tenHeads({ heightPx: 384 }), { heightPx: 384 }));
    expect(heads.levels.map((level) => level.firstCell)).toEqual([0, 48 * 80, 48 * 80 + 24 * 40]);
    expect(heads.cellCount).toBe(48 * 80 + 24 * 40 + 12 * 20);
    expect(heads.levels.map((level) => [level.heightCells, level.widthCells])).toEqual([
      [48, 80],
      [24, 40],
      [12, 20],
    ]);
  });

  it('peer bug 1: are read by shape and stride, as no layout label could lie; [1, 80, 80, 80] is read like the rest', () => {
    const heads = raw(resolve(tenHeads()));
    expect(heads.levels[0].cls).toMatchObject({
      channelAxis: 3,
      rowElems: 6400,
      cellElems: 80,
      channelElems: 1,
    });
    const channelsFirst = tenHeads().map((one) => spec(one.name, [1, one.dims[3], one.dims[1], one.dims[2]]));
    const turned = raw(resolve(channelsFirst));
    expect(turned.levels[0].cls).toMatchObject({
      channelAxis: 1,
      rowElems: 80,
      cellElems: 1,
      channelElems: 6400,
    });
    expect(turned.form).toMatch(/NCHW/);
  });

  it('take padded strides as they are', () => {
    const outputs = tenHeads({ classCount: 3 }).map((one) =>
      one.dims[3] === 3
        ? { ...one, strideBytes: [one.dims[1] * one.dims[2] * 16, one.dims[2] * 16, 16, 4] }
        : one,
    );
    expect(raw(resolve(outputs)).levels[0].cls).toMatchObject({
      rowElems: 320,
      cellElems: 4,
      channelElems: 1,
    });
  });

  it('are described in one line', () => {
    const { form } = resolve(tenHeads({ boxType: 's32', coefType: 's32' }));
    expect(form).toMatch(
      /^10 NHWC heads at 8\/16\/32 on 640x640: 80 classes, 16 DFL bins, 32 coefficients; cls f32, box s32/,
    );
    expect(form).not.toContain('\n');
  });
});

describe('64 classes (as many as box channels) are told apart by', () => {
  const form: Form = { classCount: 64 };
  const reordered = (outputs: TensorSpec[]) => shuffled(outputs, 5);
  const clsNames = (outputs: readonly TensorSpec[]) => outputs.slice(6, 9).map((one) => one.name);

  it('element types', () => {
    const outputs = tenHeads({ ...form, boxType: 's32', coefType: 's32' }).map((one, index) => ({
      ...one,
      name: `t${index}`,
    }));
    const heads = raw(resolve(reordered(outputs)));
    expect(heads.levels.map((level) => level.cls.spec.name)).toEqual(clsNames(outputs));
    expect(heads.form).toMatch(/told apart by element types/);
  });

  it('names', () => {
    const outputs = tenHeads({ ...form, names: true });
    const heads = raw(resolve(reordered(outputs)));
    expect(heads.levels.map((level) => level.cls.spec.name)).toEqual(clsNames(outputs));
    expect(heads.form).toMatch(/told apart by names/);
  });

  it('peer bug 2: nothing else, so without either the model is refused', () => {
    const outputs = tenHeads(form).map((one, index) => ({ ...one, name: `t${index}` }));
    const error = refusal(() => resolve(outputs));
    expect(error.message).toMatch(/ambiguous/);
    expect(error.message).toMatch(/t3 64 f32/);
    // Nor does the class count tell two tensors of one shape apart where the outputs stand in no usual order.
    for (const hints of [{}, { classCount: 64 }]) {
      const order = shuffled(outputs, 5);
      expect(refusal(() => resolve(order, {}, hints)).message).toMatch(/ambiguous: 2 readings/);
    }
  });
});

describe('64 classes of an .onnx', () => {
  it('are told apart by the names of the nodes that make them', () => {
    const outputs = tenHeads({ classCount: 64 }).map((one, index) => ({ ...one, name: `t${index}` }));
    const branches = ['cv4', 'cv2', 'cv3'];
    const aliases = new Map(
      outputs
        .slice(0, 9)
        .map(({ name }, index) => [
          name,
          [`Transpose_${index}`, `/model.22/${branches[Math.floor(index / 3)]}.${index % 3}/Conv`],
        ]),
    );
    const heads = raw(resolve(shuffled(outputs, 4), {}, { aliases }));
    expect(heads.levels.map(({ cls }) => cls.spec.name)).toEqual(['t6', 't7', 't8']);
    expect(heads.form).toMatch(/told apart by names/);
  });
});

describe('32 classes (as many as coefficients) are told apart by', () => {
  it('element types', () => {
    const outputs = tenHeads({ classCount: 32, boxType: 's32', coefType: 's32' });
    const heads = raw(resolve(shuffled(outputs, 3)));
    expect(heads.levels.every((level) => level.cls.spec.type === 'f32')).toBe(true);
  });

  it('names', () => {
    const outputs = tenHeads({ classCount: 32, names: true });
    expect(roles(resolve(shuffled(outputs, 9)))).toEqual(roles(resolve(outputs)));
    expect(raw(resolve(outputs)).levels[0].cls.spec.name).toMatch(/cv3/);
  });

  it('peer bug 2: nothing else, so without either the model is refused', () => {
    const outputs = tenHeads({ classCount: 32 }).map((one, index) => ({ ...one, name: `t${index}` }));
    expect(refusal(() => resolve(outputs)).message).toMatch(/ambiguous/);
  });
});

describe('class count given', () => {
  it('decides where 128 and 40 channels could be either', () => {
    const outputs = tenHeads({ classCount: 128, regMax: 10 }).map((one, index) => ({
      ...one,
      name: `t${index}`,
    }));
    expect(refusal(() => resolve(outputs)).message).toMatch(/ambiguous/);
    expect(resolve(outputs, {}, { classCount: 128 }).classCount).toBe(128);
    expect(resolve(outputs, {}, { classCount: 40 }).classCount).toBe(40);
  });

  it('refuses names of another number, with both numbers', () => {
    const error = refusal(() => resolve(tenHeads(), {}, { classNames: ['ball', 'crate'] }));
    expect(error.message).toMatch(/2 classes +\| 80 classes/);
  });
});

describe('a refusal', () => {
  const without = (...indices: number[]) => tenHeads().filter((_, index) => !indices.includes(index));

  it.each([
    {
      name: 'a missing box head',
      outputs: () => without(4),
      says: /downsample 16 has not exactly three heads[\s\S]*40, 40, \*\] +\| 371|has not exactly/,
    },
    {
      name: 'a whole level missing',
      outputs: () => without(2, 5, 8),
      says: /either a model of 2 levels, or one with the outputs of downsample 32 left out/,
    },
    {
      name: 'a missing prototype',
      outputs: () => without(9),
      says: /no output is a mask prototype[\s\S]*one mask prototype \[1, 160, 160, K\] +\| missing/,
    },
    {
      name: 'a detection model',
      outputs: () => without(0, 1, 2, 9),
      says: /detection model, not a segmentation model/,
    },
    {
      name: 'two prototypes',
      outputs: () => [...tenHeads(), spec('again', [1, 160, 160, 32])],
      says: /2 outputs could be the mask prototype/,
    },
    {
      name: 'an eleventh output',
      outputs: () => [...tenHeads(), spec('extra', [1, 10, 10, 7])],
      says: /extra \[1, 10, 10, 7\]/,
    },
    {
      name: 'a head of another input size',
      outputs: () => [...without(0), spec('odd', [1, 81, 80, 32])],
      says: /odd \[1, 81, 80, 32\]/,
    },
    {
      name: 'coefficients that do not match the prototype',
      outputs: () => [...without(9), spec('p', [1, 160, 160, 24])],
      says: /the prototype has 24 channels/,
    },
    {
      name: 'a batch of two',
      outputs: () => [...without(9), spec('p', [2, 160, 160, 32])],
      says: /cannot be read as grids/,
    },
    {
      name: 'one level with another class count',
      outputs: () => [...without(8), spec('c', [1, 20, 20, 79])],
      says: /no reading of the heads fits/,
    },
    {
      name: 'integers without scales',
      outputs: () => [...without(3), spec('b', [1, 80, 80, 64], 's32')],
      says: /s32 without scale or shift/,
    },
    {
      name: 'scales of the wrong number',
      outputs: () => [...without(3), spec('b', [1, 80, 80, 64], 's32', perChannel(32))],
      says: /32 scales; expected 1 or 64/,
    },
    {
      name: 'scales along the rows',
      outputs: () => [...without(3), spec('b', [1, 80, 80, 64], 's32', perChannel(80, 1))],
      says: /do not run along the channels/,
    },
    { name: 'no outputs', outputs: () => [], says: /outputs of the model \(0\)/ },
  ])('says what is wrong: $name', ({ outputs, says }) => {
    const error = refusal(() => resolve(outputs()));
    expect(error.code).toBe('heads');
    expect(error.message).toMatch(says);
    expect(error.message).toMatch(/expected +\| found/);
  });

  it('comes for strides that overlap or split elements', () => {
    const twisted = (strideBytes: number[]) =>
      tenHeads().map((one, index) => (index === 0 ? { ...one, strideBytes } : one));
    expect(refusal(() => resolve(twisted([819200, 10240, 64, 4]))).message).toMatch(/overlaps/);
    expect(refusal(() => resolve(twisted([819200, 10240, 130, 4]))).message).toMatch(/no multiple/);
  });

  it('comes for an input that is no multiple of 32', () => {
    expect(refusal(() => resolve(tenHeads(), { widthPx: 641 })).message).toMatch(
      /multiples of 32 +\| 641x640/,
    );
  });
});

describe('class names', () => {
  const named = (names: readonly string[]) =>
    resolveHeads(tenHeads({ classCount: 5 }), { widthPx: 640, heightPx: 640 }, { classNames: names });

  it.each(['', ' '])('are refused where one is %j, with its id', (name) => {
    expect(() => named(['a', 'b', name, 'd', 'e'])).toThrow(
      `the name of class 2, of 5, is "${name}"; expected a name for each, in model.class_names`,
    );
  });

  it('may be there twice', () => {
    expect(named(['a', 'a', 'c', 'd', 'e']).classCount).toBe(5);
  });
});
