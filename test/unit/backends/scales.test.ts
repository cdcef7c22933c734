import { describe, expect, it } from 'vitest';
import { parseScales, withScales } from '#dist/backends/replay/scales.js';
import { ConfigError } from '#dist/core/errors.js';
import { type ElementType, packedSpec } from '#dist/core/tensor.js';

const output = (name: string, type: ElementType, dims: readonly number[]) => packedSpec(name, dims, type);

const outputs = [output('371', 's32', [1, 3, 3, 2]), output('403', 'f32', [1, 3, 3, 5])];

describe('scales', () => {
  it('lie along the last axis of their number', () => {
    const [first, second] = withScales(outputs, parseScales('{"371": [0.5, 0.25]}', 'file'));
    expect(first!.quantisation).toEqual({
      kind: 'scale',
      quantScales: Float32Array.of(0.5, 0.25),
      zeroPoints: new Int32Array(0),
      axis: 3,
    });
    expect(second).toBe(outputs[1]);
    const square = [output('coef', 's16', [1, 2, 2, 2])];
    expect(withScales(square, { coef: [1, 2] })[0]!.quantisation).toMatchObject({ axis: 3 });
    const planes = [output('coef', 's16', [1, 2, 7, 7])];
    expect(withScales(planes, { coef: [1, 2] })[0]!.quantisation).toMatchObject({ axis: 1 });
  });

  it.each([
    [{}, 'no scales for 371 [1, 3, 3, 2] s32'],
    [{ 371: [1, 2], 372: [1] }, 'scales for 372; the outputs of the model are 371, 403'],
    [{ 371: [1, 2], 403: [1] }, '403 [1, 3, 3, 5] f32, which holds no integers'],
    [{ 371: [1, 2, 3, 4] }, '4 scales for 371 [1, 3, 3, 2] s32; expected one per channel'],
  ])('refuses %j', (scales: Record<string, number[]>, text) => {
    expect(() => withScales(outputs, scales)).toThrow(ConfigError);
    expect(() => withScales(outputs, scales)).toThrow(text);
  });

  it.each(['{', '[]', '{"371": 1}', '{"371": []}', '{"371": [0]}', '{"371": ["a"]}'])(
    'refuses the text %s',
    (text) => {
      expect(() => parseScales(text, 'my.json')).toThrow('my.json does not hold scales');
    },
  );
});
