import { describe, expect, it } from 'vitest';
import { ModelContractError } from '#dist/core/errors.js';
import { packedSpec, type TensorSpec } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';
import { parseManifest } from '#dist/model/manifest.js';
import type { RawHeads } from '#dist/model/rawHeads.js';

const path = '/models/shapes.yaml';

function refusal(run: () => unknown): ModelContractError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ModelContractError);
    return error as ModelContractError;
  }
  throw new Error('nothing was refused');
}

const silent = {
  classNames: null,
  classNamesFile: null,
  classCount: undefined,
  boxForm: undefined,
  oneToOne: undefined,
  classScores: undefined,
  roles: undefined,
};

describe('parseManifest', () => {
  it('reads names, count and roles; all are optional', () => {
    expect(parseManifest('class_names: [ball, crate]\nclass_count: 2\n', path)).toEqual({
      ...silent,
      classNames: ['ball', 'crate'],
      classCount: 2,
    });
    const { roles } = parseManifest('heads: {classes: [a], boxes: [b, c], coefficients: [d]}', path);
    expect([...roles!]).toEqual([
      ['a', 'cls'],
      ['b', 'box'],
      ['c', 'box'],
      ['d', 'coef'],
    ]);
    expect(parseManifest('{}', path)).toEqual(silent);
    expect(parseManifest('class_names: ../coco.list', path).classNamesFile).toBe('../coco.list');
    expect(parseManifest('class_scores: probabilities', path).classScores).toBe('probabilities');
    expect(parseManifest('box_form: distances\none_to_one: true', path)).toEqual({
      ...silent,
      boxForm: 'distances',
      oneToOne: true,
    });
  });

  it.each([
    ["a training set's data.yaml", 'path: ../set\ntrain: images\nval: images\nnc: 2\nnames: [ball, crate]\n'],
    ['the same with a map', 'train: images\nroboflow: {version: 1}\nnames:\n  1: crate\n  0: ball\n'],
    ['a map', '0: ball\n1: crate\n'],
    ['a list', '- ball\n- crate\n'],
    ['one name a line', 'ball\r\n  crate  \n\n'],
    ['one name a line with tabs around', 'ball\t\n\tcrate\n'],
    ['one name a line in quotes', '"ball"\n\'crate\'\n'],
  ])('takes the names of %s', (_name, text) => {
    expect(parseManifest(text, path)).toEqual({ ...silent, classNames: ['ball', 'crate'] });
  });

  it.each([
    ['class_name: [ball]', 'unknown key class_name; did you mean class_names?'],
    ['class_names: 5', 'class_names is 5; expected a list of names'],
    ['class_names: []', 'class_names is empty'],
    ['class_names: [ball, 7]', 'class_names: name 1 is 7; expected a text (put it in quotes: "7")'],
    ['[0, 1, 2]', 'the list: name 0 is 0; expected a text'],
    ['box_form: plain', 'box_form is "plain"; expected dfl or distances'],
    ['one_to_one: 1', 'one_to_one is 1; expected true or false'],
    ['class_count: 0', 'class_count is 0; expected a whole number from 1'],
    ['class_names: [a, b]\nclass_count: 3', 'class_names has 2 names, class_count is 3'],
    ['names: [a, b]\nnc: 3', 'names has 2 names, nc is 3'],
    ['names: {0: a, 2: b}', 'names has the keys ["0","2"]; expected 0 to 1'],
    ['names: [a]\nclass_count: 1', 'expected class_names'],
    ['1: ball\n2: crate', 'the map has the keys ["1","2"]; expected 0 to 1'],
    ['class_scores: sigmoid', 'class_scores is "sigmoid"; expected logits or probabilities'],
    ['heads: {class: [a]}', 'unknown key heads.class; did you mean heads.classes?'],
    ['heads: {masks: [a]}', 'unknown key heads.masks. The keys are classes, boxes, coefficients'],
    ['heads: [a]', 'heads is ["a"]; expected classes, boxes, coefficients'],
    ['heads: {classes: [a], boxes: [a]}', 'heads names a twice'],
    ['', 'it is empty'],
    ['ball\n\ncrate\n', 'line 2 of 3 is empty'],
    ['ball\ncra\tte\n', 'line 2 of 2 has a tab inside: "cra\\tte"; expected one name a line'],
    ['0\tball\n1\tcrate\n', 'line 1 of 2 begins with its number, as all do'],
    ['0 ball\n1 crate\n', 'line 1 of 2 begins with its number, as all do'],
    ['"ball",\n"crate"\n', 'line 1 of 2 is "\\"ball\\","; expected one name a line'],
    ['ball\ncrate #2\n', 'line 2 is "crate #2", which may be a name or a remark of YAML'],
    ['# classes\nball\ncrate\n', 'line 1 is "# classes", which may be a name or a remark'],
    ['---\nball\ncrate\n', 'line 1 is "---"'],
    ['names:\n\t- ball\n', 'cannot be read as YAML: Tabs are not allowed as indentation at line 2, column 1'],
    ['class_names: [ball', 'cannot be read as YAML'],
    ['model_parameters: {onnx_model: a}', 'no manifest but settings of hb_mapper (PTQ)'],
    ['nc: 80\nbackbone: []', 'a network description of Ultralytics'],
  ])('refuses %j with the file and the reason', (text, reason) => {
    const error = refusal(() => parseManifest(text, path));
    expect(error.code).toBe('manifest');
    expect(error.message).toContain(`${path}: `);
    expect(error.message).not.toContain('\n');
    expect(error.message).toContain(reason);
  });
});

/** A model of 32 classes and 8 DFL bins: three tensors of 32 channels per level, alike but for their names. */
const alike: readonly TensorSpec[] = [8, 16, 32]
  .flatMap((step) =>
    ['x', 'y', 'z'].map((letter) => ({ name: `${letter}${step}`, dims: [1, 256 / step, 256 / step, 32] })),
  )
  .concat([{ name: 'p', dims: [1, 64, 64, 32] }])
  .map(({ name, dims }) => packedSpec(name, dims));
const size = { widthPx: 256, heightPx: 256 };
const heads = (text: string) => resolveHeads(alike, size, parseManifest(text, path)) as RawHeads;

it('names with marks of YAML are names where a line holds one', () => {
  const read = (text: string) => parseManifest(text, path).classNames;
  expect(read("driver's seat\n@home\n100%\nC#\n*star\n")).toEqual([
    "driver's seat",
    '@home',
    '100%',
    'C#',
    '*star',
  ]);
});

describe('roles of a manifest', () => {
  it('decide between heads that nothing else tells apart', () => {
    expect(refusal(() => heads('class_count: 32')).message).toContain('ambiguous');
    const { levels, form } = heads(
      'heads: {classes: [y8, y16, y32], boxes: [z8, z16, z32], coefficients: [x8, x16, x32]}',
    );
    const named = levels.map(({ cls, box, coef }) => [cls, box, coef].map((head) => head.spec.name));
    expect(named).toEqual([
      ['y8', 'z8', 'x8'],
      ['y16', 'z16', 'x16'],
      ['y32', 'z32', 'x32'],
    ]);
    expect(form).toContain('told apart by roles given');
  });

  it.each([
    ['heads: {classes: [y8], boxes: [z8], coefficients: [p]}', 'p as coef (given)', 'no such head'],
    ['heads: {classes: [q8]}', 'q8 as cls (given)', 'no such head'],
  ])('are refused where the model contradicts them: %s', (text, expected, found) => {
    const all = text.replace('y8', 'y8, y16, y32').replace('z8', 'z8, z16, z32');
    const error = refusal(() => heads(all));
    expect(error.code).toBe('heads');
    expect(error.message).toContain(expected);
    expect(error.message).toContain(found);
  });

  it('do not outweigh shapes', () => {
    const outputs = alike.map((spec): TensorSpec => {
      const channels = spec.name.startsWith('x') ? 5 : spec.name.startsWith('y') ? 64 : 32;
      const dims = [...spec.dims.slice(0, 3), channels];
      return packedSpec(spec.name, dims);
    });
    const { roles } = parseManifest('heads: {classes: [z8]}', path);
    const error = refusal(() => resolveHeads(outputs, size, { roles }));
    expect(error.message).toContain("the roles given are not the model's");
    expect(error.message).toMatch(/z8 as cls \(given\) +\| z8 as coef/);
  });

  it('a class count that is not the model’s is refused', () => {
    const outputs = alike.map((spec): TensorSpec => {
      if (!spec.name.startsWith('x')) return spec;
      const dims = [...spec.dims.slice(0, 3), 5];
      return packedSpec(spec.name, dims);
    });
    const roles = parseManifest(
      'heads: {boxes: [y8, y16, y32], coefficients: [z8, z16, z32]}\nclass_count: 80',
      path,
    );
    expect(refusal(() => resolveHeads(outputs, size, roles)).message).toMatch(/80 classes +\| 5 classes/);
  });
});
