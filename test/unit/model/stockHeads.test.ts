import { describe, expect, it } from 'vitest';
import { packedSpec as spec } from '#dist/core/tensor.js';
import { refusal, resolve } from './headSpecs.js';

describe('a stock export', () => {
  const rows = spec('output0', [1, 116, 8400]);
  const proto = spec('output1', [1, 32, 160, 160]);

  it('is found in either order, also with cells first', () => {
    for (const outputs of [
      [rows, proto],
      [proto, rows],
      [spec('output0', [1, 8400, 116]), proto],
    ]) {
      const heads = resolve(outputs);
      expect(heads.kind).toBe('stock');
      expect([heads.classCount, heads.coefCount, heads.cellCount]).toEqual([80, 32, 8400]);
      expect(outputs[heads.proto.outputIndex]).toBe(proto);
    }
  });

  it('may be of any class count and size', () => {
    const heads = resolve([spec('a', [1, 4 + 5 + 32, 5040]), spec('b', [1, 32, 96, 160])], { heightPx: 384 });
    expect([heads.classCount, heads.cellCount]).toEqual([5, 5040]);
  });

  it.each([
    ['P2', [4, 8, 16, 32], 34_000, 320],
    ['P6', [8, 16, 32, 64], 8500, 160],
    ['P2 and P6', [4, 8, 16, 32, 64], 34_100, 320],
  ] as const)('may have further levels: %s', (_name, steps, cellCount, protoCells) => {
    const heads = resolve([
      spec('output0', [1, 116, cellCount]),
      spec('output1', [1, 32, protoCells, protoCells]),
    ]);
    expect(heads).toMatchObject({ kind: 'stock', downsamples: steps, cellCount, classCount: 80 });
    expect(heads.form).toContain(`stock export at ${steps.join('/')} on 640x640`);
  });

  it('whose features are as many as the cells of other levels is read by the class count, else refused with both', () => {
    // 64x64: 84 cells at 8/16/32 and 85 at 8/16/32/64.
    const outputs = [spec('output0', [1, 84, 85]), spec('output1', [1, 32, 16, 16])];
    const form = { widthPx: 64, heightPx: 64 };
    expect(refusal(() => resolve(outputs, form)).message).toMatch(
      /84 cells of 85 features or 85 cells of 84 features +\| output0 \[1, 84, 85\]/,
    );
    expect(resolve(outputs, form, { classCount: 48 })).toMatchObject({ cellCount: 85, classCount: 48 });
    expect(resolve(outputs, form, { classCount: 49 })).toMatchObject({ cellCount: 84, classCount: 49 });
  });

  it('keeps a prototype apart that reads both ways', () => {
    const heads = resolve([spec('a', [1, 4 + 5 + 32, 336]), spec('b', [1, 32, 32, 32])], {
      widthPx: 128,
      heightPx: 128,
    });
    expect(heads.proto.channelAxis).toBe(1);
  });

  it.each([
    {
      name: 'rows of another input size',
      outputs: [spec('output0', [1, 116, 2100]), proto],
      says: /8400, or 34000 at 4\/8\/16\/32, or 8500 at 8\/16\/32\/64, or 34100 at 4\/8\/16\/32\/64\] on a 640x640 input +\| output0 \[1, 116, 2100\]/,
    },
    {
      name: 'as many features as cells',
      outputs: [spec('output0', [1, 4 + 48 + 32, 84]), spec('output1', [1, 32, 16, 16])],
      form: { widthPx: 64, heightPx: 64 },
      says: /ambiguous: both dimensions of output0 could be the cells; [\s\S]*84 cells .* +\| output0 \[1, 84, 84\]/,
    },
    {
      name: 'no room for a class',
      outputs: [spec('output0', [1, 36, 8400]), proto],
      says: /4 \+ classes \+ 32 features +\| 36/,
    },
    { name: 'no prototype', outputs: [rows], says: /there is no mask prototype; take a -seg model/ },
  ])('is refused with a table: $name', ({ outputs, form = {}, says }) => {
    expect(refusal(() => resolve(outputs, form)).message).toMatch(says);
  });
});
