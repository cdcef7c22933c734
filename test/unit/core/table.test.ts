import { expect, it } from 'vitest';
import { layTable } from '#dist/core/table.js';

const rows = [
  ['name', 'size'],
  ['a', '12'],
  ['longest', ''],
];

it('columns are as wide as their widest cell, and no line ends in spaces', () => {
  expect(layTable(rows)).toEqual(['  name     size', '  a        12', '  longest']);
});

it('cells may stand at the right, without an indent and with another separator', () => {
  expect(layTable(rows, { indent: '', separator: ' | ', align: 'right' })).toEqual([
    '   name | size',
    '      a |   12',
    'longest |',
  ]);
});

it('a table without rows has no lines', () => {
  expect(layTable([])).toEqual([]);
});
