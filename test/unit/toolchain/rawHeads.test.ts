import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutHeads } from '#dist/toolchain/onnx/cutHeads.js';
import { changedModel, exportPath, readModel, testFolder, withSigmoid } from './exports.js';
import { model } from './modelCommand.js';

/** Heads of an export, cut, in a folder of their own. */
async function rawHeads(name: string): Promise<string> {
  const path = join(testFolder(), 'raw.onnx');
  writeFileSync(path, (await cutHeads(exportPath(name), { order: 'seed', anyOpset: false })).bytes);
  return path;
}

/** The same in a file that hb_mapper does not read, but that can be written so. */
const tooNew = (path: string) =>
  changedModel(path, testFolder(), (file) => {
    file.irVersion = 10n;
  });

describe('raw heads whose classes end in a Sigmoid', () => {
  const told = /class heads end in a Sigmoid.*`class_scores: probabilities` in the manifest beside it/s;
  const classHeads = ['cls8', 'cls16', 'cls32'];

  it('model heads says what the .bin will need, whether it has something to write or not', async () => {
    const path = withSigmoid(await rawHeads('v8-3-classes-160x96'), testFolder(), classHeads);
    const done = model('heads', path, '-o', join(testFolder(), 'x.onnx'));
    expect(done.status).toBe(2);
    expect(done.stderr).toContain('has raw heads already');
    expect(done.stderr).toMatch(told);
    const written = model('heads', tooNew(path), '-o', join(testFolder(), 'x.onnx'));
    expect(written).toMatchObject({ status: 0, stderr: '' });
    expect(written.stdout).toMatch(told);
  });

  it('model ptq says so too', async () => {
    const path = withSigmoid(await rawHeads('v8-3-classes-160x96'), testFolder(), classHeads);
    const result = model('ptq', path, '-o', testFolder(), '--calib', 'none');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toMatch(told);
  });

  it('but an export is cut before its Sigmoid, and nothing is said', async () => {
    const path = join(testFolder(), 'cut.onnx');
    const result = model('heads', exportPath('v8-3-classes-160x96'), '-o', path);
    expect(result.stdout).not.toContain('Sigmoid');
    const { graph } = readModel(path);
    for (const name of classHeads) {
      const transpose = graph.node.find(({ output }) => output.includes(name))!;
      const maker = graph.node.find(({ output }) => output.includes(transpose.input[0]!))!;
      expect([transpose.opType, maker.opType]).toEqual(['Transpose', 'Conv']);
    }
    expect(model('ptq', path, '-o', testFolder(), '--calib', 'none').stdout).not.toContain('Sigmoid');
  });
});

describe('raw heads that only a manifest tells apart', () => {
  it('model heads reads the manifest as model ptq does, which sends people there', async () => {
    const cut = await rawHeads('v9-64-classes-64x96-rows-first');
    const folder = testFolder();
    const path = changedModel(cut, folder, (file) => {
      file.irVersion = 10n;
      const names = new Map(file.graph.output.map(({ name }, at) => [name, `o${at}`]));
      for (const node of file.graph.node) {
        node.name = '';
        node.output = node.output.map((name) => names.get(name) ?? name);
      }
      for (const output of file.graph.output) output.name = names.get(output.name)!;
      file.metadataProps = file.metadataProps.filter(({ key }) => key !== 'names');
    });
    const output = join(folder, 'x.onnx');
    expect(model('heads', path, '-o', output).stderr).toContain('64');
    writeFileSync(path.replace(/\.onnx$/, '.yaml'), 'class_count: 64\n');
    expect(model('ptq', path, '-o', folder).stderr).toMatch(/`model heads .* -o NEW\.onnx` writes it so/);
    expect(model('heads', path, '-o', output)).toMatchObject({ status: 0, stderr: '' });
  });
});
