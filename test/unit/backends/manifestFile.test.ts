import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readManifest, unreadNames } from '#dist/backends/manifestFile.js';
import { cocoNames } from '#dist/model/cocoNames.js';
import { testFolder } from '../toolchain/exports.js';

/** What is read beside `model.bin` in a folder with these files. */
function beside(files: Readonly<Record<string, string | Uint8Array>>, model = 'model.bin') {
  const folder = testFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return readManifest(join(folder, model));
}

it('there is nothing beside most models', () => {
  expect(beside({ 'other.yaml': 'class_count: 2' })).toEqual({ classNames: null, classScores: undefined });
});

it.each([
  ['model.bin', { 'model.yaml': 'class_names: [ball, crate]' }],
  ['model.onnx', { 'model.yaml': 'class_names: [ball, crate]' }],
  ['model.bin', { 'model.names': 'ball\ncrate\n' }],
  ['model.bin', { 'model.list': 'ball\r\ncrate' }],
  ['model.bin', { 'model.yaml': 'class_names: coco.list', 'coco.list': 'ball\ncrate\n' }],
  ['model.bin', { 'model.yaml': 'class_names: data.yaml', 'data.yaml': 'nc: 2\nnames: {0: ball, 1: crate}' }],
  ['model.bin', { 'model.yaml': 'class_names: names.json', 'names.json': '["ball", "crate"]' }],
])('names of %s are read from %j', (model, files) => {
  expect(beside(files as Readonly<Record<string, string>>, model).classNames).toEqual(['ball', 'crate']);
});

it('the names of COCO are those that are asked for by that word', () => {
  expect(beside({ 'model.yaml': 'class_names: coco' }).classNames).toEqual(cocoNames);
  expect(() => beside({ 'model.yaml': 'class_names: coco', coco: 'ball\n' })).toThrow(
    /class_names: coco may be the 80 names of COCO or the file .*\/coco; rename that/,
  );
  expect(() => beside({ 'model.yaml': 'class_names: data.yaml', 'data.yaml': 'class_count: 2' })).toThrow(
    /model\.yaml: class_names points to .*data\.yaml, which lists none/,
  );
});

it('a model known by its place has its names, which a file beside it goes before', () => {
  const folder = testFolder();
  const path = join(folder, 'board.bin');
  const known = new Map([[path, cocoNames]]);
  expect(readManifest(path, known).classNames).toEqual(cocoNames);
  expect(readManifest(join(folder, 'other.bin'), known).classNames).toBeNull();
  writeFileSync(join(folder, 'board.names'), 'ball\ncrate\n');
  expect(readManifest(path, known).classNames).toEqual(['ball', 'crate']);
  // Only the vendor's own file; a board that lacks a list of names shows those of COCO for it as ever.
  expect(readManifest('/opt/hobot/model/x5/basic/yolov8_seg_640x640_nv12.bin').classNames).toEqual(cocoNames);
});

it('lists of names in the folder that no model has by its name are told', () => {
  const folder = testFolder();
  for (const name of ['handup.names', 'data.yaml', 'other.onnx', 'notes.txt']) {
    writeFileSync(join(folder, name), 'a\n');
  }
  expect(unreadNames(join(folder, 'model.bin'), true)).toBe(
    'data.yaml, handup.names in the folder of the model: not read; if it has the class names, write class_names: data.yaml into model.yaml',
  );
  expect(unreadNames(join(folder, 'model.bin'), false)).toBeNull();
  expect(unreadNames(join(folder, 'handup.onnx'), true)).toBeNull();
  expect(unreadNames(join(folder, 'none', 'model.bin'), true)).toBeNull();
});

it('of two files none is passed over', () => {
  expect(() => beside({ 'model.yaml': 'class_count: 2', 'model.names': 'a\nb\n' })).toThrow(
    /both .*model\.yaml and .*model\.names lie beside .*model\.bin; expected one of them/,
  );
});

it('a list that is not there is named', () => {
  expect(() => beside({ 'model.yaml': 'class_names: coco.list' })).toThrow(
    /coco\.list, read beside the model, does not exist/,
  );
});

it('names in UTF-16 are read, and those of another encoding refused', () => {
  const names = 'class_names: [\u87ba\u6813, sch\u00f6n]';
  const utf16 = Buffer.from(`\ufeff${names}`, 'utf16le');
  expect(beside({ 'model.yaml': utf16 }).classNames).toEqual(['\u87ba\u6813', 'sch\u00f6n']);
  const latin1 = Buffer.from(`class_names: [${'ball, crate, cone, '.repeat(20)}sch\u00f6n]`, 'latin1');
  expect(() => beside({ 'model.yaml': latin1 })).toThrow(/model\.yaml has characters that are not of UTF-8/);
});
