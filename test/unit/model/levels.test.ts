import { describe, expect, it } from 'vitest';
import { type ElementType, packedSpec } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';

const sizePx = 640;
const size = { widthPx: sizePx, heightPx: sizePx };

/** Raw heads of 5 classes on these levels, classes, boxes and coefficients of each, and a prototype of so many model pixels a cell. */
function rawHeads(steps: readonly number[], protoStep = steps[0]! / 2, type: ElementType = 'f32') {
  const grid = (name: string, step: number, channels: number) =>
    packedSpec(name, [1, sizePx / step, sizePx / step, channels], type);
  const heads = steps.flatMap((step) => [
    grid(`c${step}`, step, 5),
    grid(`b${step}`, step, 64),
    grid(`m${step}`, step, 32),
  ]);
  return [...heads, grid('p', protoStep, 32)];
}

/** The two outputs of a stock export of 80 classes. */
function stock(steps: readonly number[], protoStep = steps[0]! / 2) {
  const cells = steps.reduce((sum, step) => sum + (sizePx / step) ** 2, 0);
  const side = sizePx / protoStep;
  return [packedSpec('rows', [1, 116, cells], 'f32'), packedSpec('proto', [1, 32, side, side], 'f32')];
}

describe('levels of a model', () => {
  it.each([
    [[8, 16]],
    [[16, 32]],
    [[4, 8]],
    [[8, 16, 32]],
    [[16, 32, 64]],
    [[8, 16, 32, 64]],
    [[16, 32, 64, 128]],
    [[4, 8, 16, 32, 64]],
    [[8, 16, 32, 64, 128]],
  ])('%j: raw heads in any order, and stock exports', (steps) => {
    const outputs = rawHeads(steps);
    const roles = new Map(
      steps.flatMap(
        (step) =>
          [
            [`c${step}`, 'cls'],
            [`b${step}`, 'box'],
            [`m${step}`, 'coef'],
          ] as const,
      ),
    );
    for (const order of [outputs, outputs.toReversed()]) {
      const heads = resolveHeads(order, size, { roles });
      if (heads.kind !== 'raw') throw new Error('no raw heads');
      expect(
        heads.levels.map(({ downsample, cls, box, coef }) => [
          downsample,
          cls.spec.name,
          box.spec.name,
          coef.spec.name,
        ]),
      ).toEqual(steps.map((step) => [step, `c${step}`, `b${step}`, `m${step}`]));
      expect(heads.proto.spec.name).toBe('p');
    }
    expect(resolveHeads(stock(steps), size)).toMatchObject({
      downsamples: steps,
      classCount: 80,
      coefCount: 32,
    });
  });

  it.each<[string, ReturnType<typeof rawHeads>, RegExp?]>([
    ['one', rawHeads([8])],
    [
      'coarse ones that may have been left out',
      rawHeads([8, 16]),
      /ambiguous: either a model of 2 levels, or one with the outputs of downsample 32 left out; .*\(heads\)/,
    ],
    ['six', rawHeads([4, 8, 16, 32, 64, 128])],
    ['a gap between', rawHeads([8, 32])],
    ['the finest left out', rawHeads([16, 32], 4)],
    ['a head left out', rawHeads([8, 16]).slice(1)],
    ['no prototype', rawHeads([16, 32]).slice(0, -1)],
  ])('%s: refused', (_, outputs, message = /not exactly three heads|beyond three heads|mask prototype/) => {
    expect(() => resolveHeads(outputs, size)).toThrow(message);
  });

  it('of stock rows that the prototype contradicts are refused with what was expected', () => {
    expect(() => resolveHeads(stock([16, 32], 4), size)).toThrow(/no dimension of rows has one row per cell/);
  });
});
