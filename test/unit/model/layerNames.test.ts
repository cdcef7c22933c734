import { expect, it } from 'vitest';
import { headModuleOf, layerOf, namesOneToOne } from '#dist/model/layerNames.js';

const layer = (role: string, level: number, branch: string, isOneToOne = false) => ({
  role,
  level,
  branch,
  isOneToOne,
});

it.each([
  ['/model.22/cv2.0/cv2.0.2/Conv_quantized', layer('box', 0, 'cv2.0')],
  ['/model.22/cv3.2/cv3.2.2/Conv', layer('cls', 2, 'cv3.2')],
  ['/model.22/cv4.10/Conv', layer('coef', 10, 'cv4.10')],
  ['/model.23/one2one_cv3.1/Conv', layer('cls', 1, 'one2one_cv3.1', true)],
  ['/model.22/proto/cv3/act/Mul', layer('proto', 0, 'proto')],
  ['/model.6/cv2/conv/Conv', null],
  ['/model.22/cv5.0/Conv', null],
  ['cv2.0', null],
])('%s is of the layer %j', (name, expected) => {
  expect(layerOf(name)).toEqual(expected);
});

it.each([
  ['/model.22/cv3.0/Conv', '/model.22/'],
  ['/model/model.23/one2one_cv4.2/Conv', '/model/model.23/'],
  ['/model.22/dfl/Softmax', '/model.22/'],
  ['/model.22/proto/Conv', '/model.22/'],
  // Blocks of other networks count their branches so.
  ['/model.4/cv2.0/Conv', null],
  ['/model.22/Concat', null],
])('%s tells that the heads begin with %j', (name, expected) => {
  expect(headModuleOf(name)).toBe(expected);
});

it('takes weights and outputs for one-to-one by any form of the word', () => {
  const names = ['model.23.one2one_cv2.0.2.weight', 'One2One_box8', 'box8'];
  expect(names.map(namesOneToOne)).toEqual([true, true, false]);
});
