import { expect, it } from 'vitest';
import { manifestText } from '#dist/toolchain/compile/manifestText.js';
import { parseManifest } from '#dist/model/manifest.js';

const heads = [
  { role: 'cls', downsample: 8, output: 'a', dims: [1, 80, 80, 80] },
  { role: 'box', downsample: 8, output: 'b', dims: [1, 80, 80, 64] },
  { role: 'coef', downsample: 8, output: 'no', dims: [1, 80, 80, 32] },
  { role: 'proto', downsample: 4, output: 'p', dims: [1, 160, 160, 32] },
] as const;

it('80 classes without names do not become those of COCO', () => {
  const text = manifestText({
    classNames: null,
    classCount: 80,
    classScores: 'probabilities',
    oneToOne: true,
    heads,
    remarks: ['one\n- two'],
  });
  const { classNames, classCount, classScores, oneToOne, roles } = parseManifest(text, 'x.yaml');
  expect({ classNames, classCount }).toEqual({ classNames: null, classCount: 80 });
  expect({ classScores, oneToOne }).toEqual({ classScores: 'probabilities', oneToOne: true });
  expect(roles).toEqual(
    new Map([
      ['a', 'cls'],
      ['b', 'box'],
      ['no', 'coef'],
    ]),
  );
  expect(text).toMatch(/^# one - two\n# nobody names the classes: write class_names/);
});

it('names come back as they were, whatever YAML makes of them', () => {
  const classNames = ['no', '1', 'a: b', '# c', "d'e", 'é ', '- f', 'null'];
  const known = { classCount: 8, classScores: 'logits', oneToOne: false } as const;
  const text = manifestText({ classNames, ...known, heads, remarks: [] });
  expect(parseManifest(text, 'x.yaml').classNames).toEqual(classNames);
});
