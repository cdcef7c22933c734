import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '#dist/core/tensor.js';
import { type HeadHints, type ResolvedHeads, resolveHeads } from '#dist/model/heads.js';
import { byLevel, byRole, proto, sizePx } from './gridSpecs.js';

const resolve = (heads: readonly TensorSpec[], hints: HeadHints = {}, coefCount = 32): ResolvedHeads =>
  resolveHeads([...heads, proto(coefCount)], { widthPx: sizePx, heightPx: sizePx }, hints);

/** Classes, boxes, coefficients of each level by name. */
function roles(heads: ResolvedHeads): string[] {
  if (heads.kind !== 'raw') throw new Error('resolved as a stock export');
  return heads.levels.map(({ cls, box, coef }) => [cls, box, coef].map(({ spec }) => spec.name).join(' '));
}

const named = (order: string) => [8, 16, 32].map((step) => order.replaceAll('o', `o${step}`));

/** `cls8` for `o8_a`. */
const telling = (name: string) =>
  name.replace(
    /^o(\d+)_(.)$/,
    (_, step, letter) => `${['cls', 'box', 'coef']['abc'.indexOf(letter)]}${step}`,
  );

/** How heads are told in a refusal, by their letters. */
const reading = (classes: string, boxes: string, coefs: string) =>
  `${classes.slice(0, -2)} classes (o8_${classes.at(-1)}), ${boxes.slice(0, -2)} (o8_${boxes.at(-1)}) and coefficients (o8_${coefs})`;

describe('heads of one shape, the class count given', () => {
  it.each([
    ['64 classes, the seed', byRole([32, 64, 64]), 64, 'o_c o_b o_a'],
    ['32 classes, the model zoo', byLevel([32, 64, 32]), 32, 'o_a o_b o_c'],
    ['32 classes; boxes, classes, coefficients of each level', byLevel([64, 32, 32]), 32, 'o_b o_a o_c'],
    ['32 classes; boxes, classes, coefficients', byRole([64, 32, 32]), 32, 'o_b o_a o_c'],
  ] as const)('are told by an order that stands alone: %s', (_name, heads, classCount, order) => {
    const found = resolve(heads, { classCount });
    expect(roles(found)).toEqual(named(order));
    expect(found.form).toMatch(/told apart by (.*, )?the order of the outputs$/);
    expect(() => resolve(heads)).toThrow(
      /^ambiguous: .*give the class count \(class_count: (64|32)\) or name/,
    );
  });

  it.each([
    ['7 classes, the model zoo', byLevel([7, 64, 64]), 'o_a o_b o_c'],
    ['7 classes, the seed', byRole([64, 64, 7]), 'o_c o_b o_a'],
    ['7 classes; boxes, classes, coefficients of each level', byLevel([64, 7, 64]), 'o_b o_a o_c'],
  ] as const)('are told by it with 64 coefficients: %s', (_name, heads, order) => {
    expect(roles(resolve(heads, { classCount: 7 }, 64))).toEqual(named(order));
  });

  it.each([
    ['64 classes by level', byLevel([64, 64, 32]), 64, 32, ['64 a', '64 b']],
    ['64 classes by role', byRole([64, 64, 32]), 64, 32, ['64 a', '64 b']],
    ['32 classes by role', byRole([32, 64, 32]), 32, 32, ['32 a', '32 c']],
    ['64 of everything by level', byLevel([64, 64, 64]), 64, 64, ['64 a', '64 b', '64 c']],
    ['64 of everything by role', byRole([64, 64, 64]), 64, 64, ['64 a', '64 b', '64 c']],
  ] as const)(
    'are refused where two usual orders fit: %s',
    (_name, heads, classCount, coefCount, classes) => {
      const attempt = () => resolve(heads, { classCount }, coefCount);
      for (const [count, letter] of classes.map((text) => text.split(' '))) {
        expect(attempt).toThrow(`${count} classes (o8_${letter}), 16 DFL bins (`);
      }
      // The class count is there already and would lead in a circle.
      expect(attempt).toThrow(
        /^ambiguous: .*: name the heads \(heads\) in the manifest, or call the outputs by what they are \(cls8, box8, coef8\)\n/,
      );
      const told = new Map(
        heads.map(({ name }) => [name, (['cls', 'box', 'coef'] as const)['abc'.indexOf(name.at(-1)!)]!]),
      );
      expect(roles(resolve(heads, { classCount, roles: told }, coefCount))).toEqual(named('o_a o_b o_c'));
    },
  );

  it('are refused where they stand in no usual order, with every reading by its outputs', () => {
    expect(() => resolve(byLevel([32, 64, 64]), { classCount: 64 })).toThrow(
      `2 readings of the heads fit, ${reading('64 b', '16 DFL bins c', 'a')}, or ${reading('64 c', '16 DFL bins b', 'a')};`,
    );
  });

  // As `model heads` calls them, also where the graph has a tensor of that name already.
  it.each(['', '_'].flatMap((suffix) => [1, 4, 16, 32, 64, 80].map((count) => [count, suffix] as const)))(
    'are read by names that tell: %i classes, cls8%s',
    (classCount, suffix) => {
      const channels = [classCount, 64, 32];
      for (const heads of [byLevel(channels), byRole(channels).reverse()]) {
        const outputs = heads.map((one) => ({ ...one, name: `${telling(one.name)}${suffix}` }));
        const expected = [8, 16, 32].map((step) => `cls${step} box${step} coef${step}`);
        expect(roles(resolve(outputs)).map((names) => names.replaceAll('_', ''))).toEqual(expected);
      }
    },
  );
});

describe('4 channels beside 64 are 4 classes with 16 bins or 64 classes with distances', () => {
  const orders = [
    ['model zoo', byLevel([4, 64, 32]), 'o_a o_b o_c'],
    ['boxes, classes, coefficients of each level', byLevel([64, 4, 32]), 'o_b o_a o_c'],
    ['classes, boxes, coefficients', byRole([4, 64, 32]), 'o_a o_b o_c'],
    ['boxes, classes, coefficients', byRole([64, 4, 32]), 'o_b o_a o_c'],
  ] as const;

  it.each(orders)('so both are named where order and its twin fit: %s', (_name, heads, order) => {
    const [four, sixtyFour] = order.split(' ').map((name) => name.at(-1)!);
    expect(() => resolve(heads)).toThrow(/^ambiguous: 2 readings of the heads fit/);
    expect(() => resolve(heads)).toThrow(reading(`64 ${sixtyFour}`, `boxes of 4 distances ${four}`, 'c'));
    expect(() => resolve(heads)).toThrow(reading(`4 ${four}`, `16 DFL bins ${sixtyFour}`, 'c'));
    expect(() => resolve(heads)).toThrow(
      /give the class count \(class_count: (4 or 64|64 or 4)\) or say what the boxes hold \(box_form: distances or dfl\) or name the heads \(heads\) in the manifest/,
    );
  });

  it.each(orders)('settled by the class count or the box form: %s', (_name, heads, order) => {
    const swapped = order.replace(/^(\S+) (\S+)/, '$2 $1');
    for (const hints of [{ classCount: 4 }, { boxForm: 'dfl' }] as const) {
      const found = resolve(heads, hints);
      expect(found).toMatchObject({ classCount: 4, regMax: 16, boxForm: 'dfl' });
      expect(roles(found)).toEqual(named(order));
    }
    for (const hints of [{ classCount: 64 }, { boxForm: 'distances' }] as const) {
      const found = resolve(heads, hints);
      expect(found).toMatchObject({ classCount: 64, boxForm: 'distances' });
      expect(roles(found)).toEqual(named(swapped));
    }
    expect(() => resolve(heads, { classCount: 4, boxForm: 'distances' })).toThrow(
      /^the box form given is not the model's/,
    );
    expect(() => resolve(heads, { classCount: 80 })).toThrow(
      /^the class count given \(class_count or class_names of the manifest, model.class_names, --class-names\) is not the model's\n.*\n +80 classes \(given\) +\| 4 classes .*, or 64 classes|64 classes .*, or 4 classes/,
    );
  });

  it('the order of the seed, which no export of distances has, tells', () => {
    expect(resolve(byRole([32, 64, 4]))).toMatchObject({ classCount: 4, regMax: 16 });
    expect(() => resolve(byRole([32, 4, 64]))).toThrow(/^ambiguous: 2 readings of the heads fit/);
  });

  it('and 4 beside 80 is never 4 classes with 20 bins unless that is said', () => {
    for (const heads of [
      [80, 4, 32],
      [4, 80, 32],
      [32, 80, 4],
    ].flatMap((one) => [byLevel(one), byRole(one)])) {
      for (const hints of [{}, { classCount: 80 }]) {
        expect(resolve(heads, hints)).toMatchObject({ classCount: 80, boxForm: 'distances' });
      }
      expect(resolve(heads, { classCount: 4 })).toMatchObject({ regMax: 20, boxForm: 'dfl' });
    }
  });

  it('names that tell are not overruled by a class count that is not theirs', () => {
    const outputs = byLevel([4, 64, 32]).map((one) => ({ ...one, name: telling(one.name) }));
    expect(() => resolve(outputs, { classCount: 64 })).toThrow(/64 classes +\| 4 classes \(cls8\)/);
  });
});

describe('what is given and fits no reading is told with the readings', () => {
  it('roles of outputs that are no heads', () => {
    const told = new Map([['o8_x', 'cls']] as const);
    expect(() => resolve(byLevel([64, 64, 32]), { roles: told })).toThrow(
      /o8_x as cls \(given\) +\| no such head/,
    );
  });

  it('roles that shapes forbid', () => {
    const told = new Map([['o8_c', 'cls']] as const);
    expect(() => resolve(byLevel([64, 64, 32]), { roles: told })).toThrow(
      /^the roles given are not the model's\n.*\n +o8_c as cls \(given\) +\| 64 classes \(o8_a\).*, or 64 classes \(o8_b\)/,
    );
  });
});
