import { expect, it } from 'vitest';
import { toSessionOptions } from '#dist/config/options.js';
import { ParameterStore } from '#dist/config/store.js';
import { cocoNames } from '#dist/model/cocoNames.js';

it.each([
  [['auto'], null],
  [['coco'], cocoNames],
  [
    ['coco', 'other'],
    ['coco', 'other'],
  ],
  [['ball'], ['ball']],
])('model.class_names %j', (names, expected) => {
  const { values } = new ParameterStore({ 'model.class_names': names });
  expect(toSessionOptions(values, 'model.bin').classNames).toEqual(expected);
});
