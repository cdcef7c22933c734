import { describe, expect, it } from 'vitest';
import { refusal, resolve, spec } from './headSpecs.js';

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
      says: /8400\] on a 640x640 input +\| output0 \[1, 116, 2100\]/,
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
