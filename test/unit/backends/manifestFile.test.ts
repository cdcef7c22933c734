import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readManifest } from '#dist/backends/manifestFile.js';
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
])('names of %s are read from %j', (model, files) => {
  expect(beside(files as Readonly<Record<string, string>>, model).classNames).toEqual(['ball', 'crate']);
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
