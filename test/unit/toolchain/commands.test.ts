import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { afterAll, expect, it } from 'vitest';
import { changedModel, exportPath } from './exports.js';
import { fixturePath } from './files.js';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const shapesModel = fileURLToPath(new URL('../../../assets/models/shapes-seg-320.onnx', import.meta.url));
const stockModel = fileURLToPath(new URL('../../../assets/models/shapes-seg-stock.onnx', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'model-commands-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function model(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'model', ...args], {
    encoding: 'utf8',
    cwd: scratch,
  });
  return { status, stdout, stderr };
}

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
  expect(stdout.match(/ {2}-r \S+cv[24]\S+/g)).toHaveLength(6);
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
  const partly = model('dequant', fixturePath('modifier-partly.txt'));
  expect(partly.status).toBe(1);
  expect(partly.stderr).toMatch(
    /1 of 3 nodes were not removed: \/model\.22\/cv2\.9\/Conv_output_0_HzDequantize/,
  );
  expect(partly.stdout).toContain('NOT REMOVED');
});

it('dequant: ends with 1 if the list lacks a head that is to come out as integers', () => {
  const list = readFileSync(fixturePath('modifier-ten.txt'), 'utf8');
  const cut = join(scratch, 'cut-list.txt');
  writeFileSync(cut, list.slice(0, list.indexOf('output: "400"')));
  const shapes = fixturePath('makertbin-64-classes.txt');
  const result = model('dequant', shapes, cut);
  expect(result.status).toBe(1);
  expect(result.stdout).toContain('NOT LISTED: no Dequantize node writes 400 (box32)');
  expect(result.stderr).toMatch(/no Dequantize node is listed for 400, 408: the list is cut off, or/);
  // What the removal left may be listed afterwards: that it is gone is what was asked for.
  const removal = join(scratch, 'removal.txt');
  const node = '/model.22/cv2.2/cv2.2.2/Conv_output_0_HzDequantize';
  writeFileSync(removal, `Node '${node}' is removed\nmodified model saved as x_modified.bin\n`);
  expect(model('dequant', shapes, cut, removal).status).toBe(0);
});

it('info: a log of the conversion says which command reads it', () => {
  const result = model('info', fixturePath('checker-docker.txt'));
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(/it is a log of the conversion, try `rdk-yolo-seg model log`/);
});

it('info: an ONNX model with its heads and classes; a .bin says what to run', () => {
  const info = model('info', shapesModel);
  expect(info).toMatchObject({ status: 0, stderr: '' });
  expect(info.stdout).toMatch(/proto/);
  expect(info.stdout).toContain('this node can run it');
  const { models } = JSON.parse(model('info', shapesModel, '--json').stdout);
  expect(models[0].outputs).toHaveLength(10);
  const compiled = join(scratch, "robot's.bin");
  writeFileSync(compiled, 'compiled');
  const bin = model('info', compiled);
  expect(bin.status).toBe(2);
  expect(bin.stderr).toContain("robot'\\''s.bin' > info.txt && rdk-yolo-seg model info info.txt");
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

it('ptq: configuration and script; samples are counted and their size is checked', () => {
  const output = join(scratch, 'out');
  const calib = join(scratch, 'samples_f32');
  const args = ['ptq', shapesModel, '-o', output, '--calib', calib, '--optimize', 'bandwidth'];
  const before = model(...args);
  expect(before).toMatchObject({ status: 0, stderr: '' });
  expect(before.stdout).toContain(
    `rdk-yolo-seg model calib --images PICTURES --size 320x320 --input nv12 -o ${calib}`,
  );
  expect(readdirSync(output).sort()).toEqual([
    'shapes_seg_320_bayese_320x320_nv12.sh',
    'shapes_seg_320_bayese_320x320_nv12.yaml',
  ]);
  expect(readFileSync(join(output, 'shapes_seg_320_bayese_320x320_nv12.yaml'), 'utf8')).toContain(
    'compile_mode: bandwidth',
  );
  mkdirSync(calib);
  writeFileSync(join(calib, 'a.rgb'), new Uint8Array(3 * 320 * 320 * 4));
  expect(model(...args).stdout).toContain('1 calibration samples');
  writeFileSync(join(calib, 'b.rgb'), new Uint8Array(7));
  const odd = model(...args);
  expect(odd.status).toBe(2);
  expect(odd.stderr).toMatch(
    /b\.rgb with 7 bytes; expected samples of 1228800 bytes each .* or 307200 \(uint8\)/,
  );
  rmSync(join(calib, 'a.rgb'));
  writeFileSync(join(calib, 'b.rgb'), new Uint8Array(3 * 320 * 320));
  expect(model(...args).stdout).toContain('1 calibration samples');
  expect(readFileSync(join(output, 'shapes_seg_320_bayese_320x320_nv12.yaml'), 'utf8')).toContain(
    'cal_data_type: uint8',
  );
});

it('ptq: samples whose report says another size are refused, though their bytes would fit', () => {
  const calib = join(scratch, 'set_320');
  mkdirSync(calib);
  // 320x320 as uint8 planes; 160x160 float32 planes are as many bytes.
  writeFileSync(join(calib, 'a.rgb'), new Uint8Array(3 * 320 * 320));
  writeFileSync(`${calib}.yaml`, 'cal_data_type: float32\nwidth: 160\nheight: 160\n');
  const refused = model('ptq', shapesModel, '--calib', calib, '-o', join(scratch, 'set_320_out'));
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(/holds samples of 160x160, as .*set_320\.yaml says; expected 320x320/);
  writeFileSync(`${calib}.yaml`, 'cal_data_type: [\n');
  expect(model('ptq', shapesModel, '--calib', calib, '-o', join(scratch, 'set_320_out')).stderr).toMatch(
    /set_320\.yaml is not the report of a calibration set/,
  );
});

it('ptq: a luma range without NV12 is refused', () => {
  const result = model('ptq', shapesModel, '--input', 'nchw', '--yuv-range', 'limited');
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(/--yuv-range limited goes with --input nv12, found nchw/);
});

it('ptq: an operator set above 11 is refused with what to do', () => {
  const path = join(scratch, 'opset17.onnx');
  model('heads', exportPath('v8-80-classes-64x64-opset17'), '-o', path, '--any-opset');
  const result = model('ptq', path);
  expect(result.status).toBe(2);
  expect(result.stderr).toMatch(
    /has operator set 17; hb_mapper reads 10 and 11: export it again with opset=11/,
  );
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

it('info: a folder is unusable', () => {
  const result = model('info', scratch);
  expect(result.status).toBe(2);
  expect(result.stderr).toContain('cannot be read');
});

it('ptq: a stock export is to be cut first, whatever its operator set; a detection model is named', () => {
  const stock = model('ptq', exportPath('v8-2-classes-96x160-opset12'));
  expect(stock.status).toBe(2);
  expect(stock.stderr).toMatch(/ptq_stock: .*cut it first with `rdk-yolo-seg model heads`/);
  expect(model('ptq', exportPath('detection')).stderr).toMatch(
    /detection\.onnx is no segmentation model .*it looks like a detection or pose model/,
  );
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
    /external_data: .*gone\.data, which cannot be read; keep both files together/,
  );
});
