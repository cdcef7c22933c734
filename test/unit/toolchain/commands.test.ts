import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { expect, it } from 'vitest';
import { changedModel, repoPath } from './exports.js';
import { fixturePath } from './files.js';
import { model, modelWith, scratch, shapesModel, stockModel } from './modelCommand.js';

it('calib: the help shows the size as it is written', () => {
  expect(model('calib', '--help').stdout).toMatch(/--size <WxH>[^-]*\(default: 640x640\)/);
});

it('log: text, JSON and page', () => {
  const page = join(scratch, 'report.html');
  const text = model('log', fixturePath('makertbin-2021.txt'), '--worst', '1', '--html', page);
  expect(text).toMatchObject({ status: 0, stderr: '' });
  expect(text.stdout).toMatch(/worst nodes \(1 of 3 with a figure\)[\s\S]*0\.912345.*only_similarity/);
  expect(readFileSync(page, 'utf8')).toContain('<svg');
  const report = JSON.parse(model('log', fixturePath('makertbin-2021.txt'), '--json').stdout);
  expect(report.log.nodes).toHaveLength(5);
  expect(report.worstNodes[0].cosineSimilarity).toBe(0.912345);
});

it('log: a failed run ends with 1, with the report and one line; an excerpt ends with 0', () => {
  const run =
    '2026-03-02 10:00:00,001 INFO Start hb_mapper....\n2026-03-02 10:00:00,002 INFO Start to compile x.\n';
  writeFileSync(join(scratch, 'excerpt.log'), run);
  writeFileSync(join(scratch, 'failed.log'), `${run}Killed\n`);
  expect(model('log', 'excerpt.log')).toMatchObject({ status: 0, stderr: '' });
  for (const args of [
    ['log', 'failed.log'],
    ['log', 'failed.log', '--json'],
  ]) {
    const { status, stdout, stderr } = model(...args);
    expect(status).toBe(1);
    expect(stdout).toContain('Killed: most often because memory ran out');
    expect(stderr).toMatch(
      /^rdk-yolo-seg: run_failed: failed\.log: the run failed in the step "compile x": Killed: .*\n$/,
    );
  }
});

it('log: a listing of hb_model_modifier ends with the command it leads to', () => {
  const { status, stdout } = model('log', fixturePath('modifier-ten.txt'));
  expect(status).toBe(0);
  expect(stdout.match(/ {2}-r \S+cv[234]\S+/g)).toHaveLength(9);
  expect(stdout).toMatch(/ {2}-r 419_HzDequantize$/m);
  expect(stdout).toMatch(/^to let all heads come out as integers \(/m);
  const removal = model('log', fixturePath('modifier-partly.txt'));
  expect(removal.stdout).not.toContain('-r ');
});

it('log: a page that cannot be written leaves nothing behind', () => {
  const result = model('log', fixturePath('makertbin-2021.txt'), '--html', join(scratch, 'none', 'x.html'));
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(/cannot write/);
  expect(existsSync(join(scratch, 'none'))).toBe(false);
});

it('dequant: ends with 1 and names the node if the tool did not do what was asked', () => {
  const done = model('dequant', fixturePath('makertbin-64-classes.txt'), fixturePath('modifier-ten.txt'));
  expect(done).toMatchObject({ status: 0, stderr: '' });
  expect(done.stdout).toContain("hb_model_modifier 'tiny seg'\\''s.bin'");
  expect(done.stdout.match(/^ {2}-r /gm)).toHaveLength(10);
  const asSeed = ['--keep-float', 'cls,proto'];
  const six = model(
    'dequant',
    fixturePath('makertbin-64-classes.txt'),
    fixturePath('modifier-ten.txt'),
    ...asSeed,
  );
  expect(six.stdout.match(/^ {2}-r \S*cv[24]\.\d/gm)).toHaveLength(6);
  expect(six.stdout.match(/^ {2}-r /gm)).toHaveLength(6);
  expect(model('dequant', 'x', '--keep-float', 'masks').stderr).toMatch(
    /expected some of box,coef,cls,proto, or none/,
  );
  const partly = model('dequant', fixturePath('modifier-partly.txt'));
  expect(partly.status).toBe(1);
  expect(partly.stderr).toMatch(
    /1 of 3 nodes was not removed: \/model\.22\/cv2\.9\/Conv_output_0_HzDequantize/,
  );
  expect(partly.stdout).toContain('NOT REMOVED');
});

it('dequant: ends with 1 if the list lacks a head that is to come out as integers', () => {
  const list = readFileSync(fixturePath('modifier-ten.txt'), 'utf8');
  const cut = join(scratch, 'cut-list.txt');
  writeFileSync(cut, list.slice(0, list.indexOf('output: "400"')));
  const shapes = fixturePath('makertbin-64-classes.txt');
  const asSeed = ['--keep-float', 'cls,proto'];
  const result = model('dequant', shapes, cut, ...asSeed);
  expect(result.status).toBe(1);
  expect(result.stdout).toContain('NOT LISTED: no Dequantize node writes 400 (box32)');
  expect(result.stderr).toMatch(
    /no Dequantize node is listed for 400, 408: the list is cut off, or .*--keep-float box,coef passes/,
  );
  // What the removal left may be listed afterwards: that it is gone is what was asked for.
  const removal = join(scratch, 'removal.txt');
  const nodeOf = (layer: string) => `/model.22/${layer}/${layer}.2/Conv_output_0_HzDequantize`;
  const remove = (...layers: string[]) => {
    const done = layers.map((layer) => `Node '${nodeOf(layer)}' is removed\n`).join('');
    const asked = `Nodes that will be removed from this model: [${layers.map((layer) => `'${nodeOf(layer)}'`).join(', ')}]\n`;
    return `${asked}${done}modified model saved as x_modified.bin\n`;
  };
  writeFileSync(removal, remove('cv2.2', 'cv4.2'));
  expect(model('dequant', shapes, cut, removal, ...asSeed).status).toBe(0);
  writeFileSync(removal, remove('cv2.2'));
  expect(model('dequant', shapes, cut, removal, ...asSeed).stderr).toMatch(/is listed for 408: /);
});

/** The shapes of 80 classes, which leave nothing open, as `shapes.txt`. */
function writeShapesOf80(): void {
  const shapes = readFileSync(fixturePath('makertbin-64-classes.txt'), 'utf8')
    .split('\n')
    .map((line) =>
      /^\s+(output1|376|400):/.test(line) ? line : line.replace(', 64], dtype', ', 80], dtype'),
    );
  writeFileSync(join(scratch, 'shapes.txt'), shapes.join('\n'));
}

it('dequant: logs of two models are told as such', () => {
  const list = readFileSync(fixturePath('modifier-ten.txt'), 'utf8');
  writeFileSync(join(scratch, 'other.txt'), list.replaceAll(/output: "/g, 'output: "other_'));
  writeShapesOf80();
  const result = model('dequant', 'shapes.txt', 'other.txt');
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(
    /none of the listed Dequantize nodes writes an output of the graph: the logs are of different models.*; give those of one$/m,
  );
  expect(result.stderr).not.toContain('the list is cut off');
});

it('dequant: a list that has lost its beginning is half a list, though the removal after it is whole', () => {
  const list = readFileSync(fixturePath('modifier-ten.txt'), 'utf8');
  const half = list.slice(list.indexOf('name: "/model.22/cv2.0'));
  const asked = [0, 1, 2].flatMap((level) =>
    ['cv2', 'cv4'].map((name) => `/model.22/${name}.${level}/${name}.${level}.2/Conv_output_0_HzDequantize`),
  );
  const removal = [
    `Nodes that will be removed from this model: [${asked.map((name) => `'${name}'`).join(', ')}]`,
    ...asked.map((name) => `Node '${name}' is removed`),
    'modified model saved as x_modified.bin',
    '',
  ].join('\n');
  writeShapesOf80();
  const run = (text: string) => {
    writeFileSync(join(scratch, 'tail.txt'), text);
    return model('dequant', 'shapes.txt', 'tail.txt', '--keep-float', 'cls,proto');
  };
  expect(run(`${list}${removal}`)).toMatchObject({ status: 0, stderr: '' });
  const from = half.indexOf('op_type');
  const result = run(`${half.slice(from)}${removal}`);
  expect(result.stdout).toContain('asked for 6, removed 6');
  expect(result.stdout).toMatch(/NOT LISTED: no Dequantize node writes output1 \(box8\)/);
  expect(result.status).toBe(1);
});

it('dequant: a removal that was killed is not done', () => {
  const list = readFileSync(fixturePath('modifier-ten.txt'), 'utf8');
  const asked =
    "Nodes that will be removed from this model: ['/model.22/cv2.0/cv2.0.2/Conv_output_0_HzDequantize']\n";
  writeFileSync(join(scratch, 'killed.txt'), `${list}${asked}Killed\n`);
  const result = model('dequant', fixturePath('makertbin-64-classes.txt'), 'killed.txt');
  expect(result.status).toBe(1);
  expect(result.stdout).toMatch(/the tool says: Killed: most often because memory ran out/);
  expect(result.stderr).toMatch(/1 of 1 node was not removed/);
});

it.each([
  ['log', 'missing.log', /missing\.log does not exist/],
  ['log', shapesModel, /not a text file/],
  ['log', scratch, /cannot be read/],
  [
    'info',
    fixturePath('modifier-ten.txt'),
    /expected a \.onnx model or the text of `hrt_model_exec model_info`/,
  ],
  ['info', 'missing.onnx', /does not exist/],
  ['ptq', stockModel, /model heads/],
])('%s %s ends with 2', (command, path, message) => {
  const result = model(command, path);
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(message);
});

it.each([
  ['npx', { npm_command: 'exec', INIT_CWD: repoPath('.') }, 'npx rdk-yolo-seg'],
  ['its path', { RDK_YOLO_SEG_CALLED: './my bin/rdk-yolo-seg' }, "'./my bin/rdk-yolo-seg'"],
  ['the path of commands', { PATH: `${repoPath('bin')}:/usr/bin` }, 'rdk-yolo-seg'],
])('the next commands are those that the user can type, called by %s', (_name, env, command) => {
  const output = mkdtempSync(join(scratch, 'called-'));
  const { stdout } = modelWith(env, 'ptq', shapesModel, '-o', output, '--calib', 'none');
  expect(stdout).toContain(`\n${command} model calib `);
  expect(stdout).toContain(`\n${command} model log `);
});

it.each([
  ['the same path', 'log.txt'],
  ['another way to it', './log.txt'],
  ['a link to it', 'link.txt'],
])('log: a page is not written over the log itself, given as %s', (_, output) => {
  const log = join(scratch, 'log.txt');
  const text = readFileSync(fixturePath('makertbin-2021.txt'), 'utf8');
  writeFileSync(log, text);
  rmSync(join(scratch, 'link.txt'), { force: true });
  symlinkSync('log.txt', join(scratch, 'link.txt'));
  const result = model('log', 'log.txt', '--html', output);
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(/is the input itself; expected another file/);
  expect(readFileSync(log, 'utf8')).toBe(text);
});

it('a path below a file or in place of one is unusable, for every command that writes', () => {
  const file = join(scratch, 'file');
  writeFileSync(file, 'kept');
  const below = join(file, 'x');
  const results = [
    model('log', fixturePath('makertbin-2021.txt'), '--html', below),
    model('heads', stockModel, '-o', below),
    model('ptq', shapesModel, '-o', file),
    model('ptq', shapesModel, '-o', below),
  ];
  for (const result of results) {
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(/^rdk-yolo-seg: output: cannot /);
  }
  expect(readFileSync(file, 'utf8')).toBe('kept');
});

it.each(['info', 'ptq'])('%s: weights in a file that is missing are named', (command) => {
  const path = changedModel(shapesModel, scratch, ({ graph }) => {
    const tensor = graph.initializer[0]!;
    tensor.rawData = new Uint8Array(0);
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'gone.data' })];
  });
  const result = model(command, path);
  expect(result.status).toBe(2);
  expect(result.stderr).toMatch(
    /external_data: .*gone\.data, which does not exist; keep both files together/,
  );
});
