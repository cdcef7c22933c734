import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
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
import { type ModelProto, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { afterAll, expect, it } from 'vitest';
import { changedModel, exportPath, readModel, repoPath, withDivision } from './exports.js';
import { fixturePath } from './files.js';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const shapesModel = fileURLToPath(new URL('../../../assets/models/shapes-seg-320.onnx', import.meta.url));
const stockModel = fileURLToPath(new URL('../../../assets/models/shapes-seg-stock.onnx', import.meta.url));
/** The command outside of npm and of the path, as its own file is called. */
const called = 'bin/rdk-yolo-seg';
const scratch = mkdtempSync(join(tmpdir(), 'model-commands-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function model(...args: string[]) {
  return modelWith({ RDK_YOLO_SEG_CALLED: called }, ...args);
}

function modelWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'model', ...args], {
    encoding: 'utf8',
    cwd: scratch,
    env: { PATH: '/usr/bin:/bin', ...env },
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
    /1 of 3 nodes was not removed: \/model\.22\/cv2\.9\/Conv_output_0_HzDequantize/,
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
  const nodeOf = (layer: string) => `/model.22/${layer}/${layer}.2/Conv_output_0_HzDequantize`;
  const remove = (...layers: string[]) => {
    const done = layers.map((layer) => `Node '${nodeOf(layer)}' is removed\n`).join('');
    const asked = `Nodes that will be removed from this model: [${layers.map((layer) => `'${nodeOf(layer)}'`).join(', ')}]\n`;
    return `${asked}${done}modified model saved as x_modified.bin\n`;
  };
  writeFileSync(removal, remove('cv2.2', 'cv4.2'));
  expect(model('dequant', shapes, cut, removal).status).toBe(0);
  writeFileSync(removal, remove('cv2.2'));
  expect(model('dequant', shapes, cut, removal).stderr).toMatch(/is listed for 408: /);
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
  // The shapes of 80 classes leave nothing open.
  const shapes = readFileSync(fixturePath('makertbin-64-classes.txt'), 'utf8')
    .split('\n')
    .map((line) =>
      /^\s+(output1|376|400):/.test(line) ? line : line.replace(', 64], dtype', ', 80], dtype'),
    );
  writeFileSync(join(scratch, 'shapes.txt'), shapes.join('\n'));
  const run = (text: string) => {
    writeFileSync(join(scratch, 'tail.txt'), text);
    return model('dequant', 'shapes.txt', 'tail.txt');
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

it('info: a log of the conversion says which command reads it', () => {
  const result = model('info', fixturePath('checker-docker.txt'));
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(/it is a log of the conversion, try `model log`/);
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
    `${called} model calib --images PICTURES --size 320x320 --input nv12 -o ${calib}`,
  );
  expect(readdirSync(output).sort()).toEqual([
    'shapes_seg_320_bayese_320x320_nv12_ptq.sh',
    'shapes_seg_320_bayese_320x320_nv12_ptq.yaml',
  ]);
  expect(readFileSync(join(output, 'shapes_seg_320_bayese_320x320_nv12_ptq.yaml'), 'utf8')).toContain(
    'compile_mode: bandwidth',
  );
  mkdirSync(calib);
  writeFileSync(join(calib, 'a.rgb'), new Float32Array(3 * 320 * 320).fill(114));
  expect(model(...args).stdout).toContain('1 calibration sample in');
  writeFileSync(join(calib, 'b.rgb'), new Uint8Array(7));
  const odd = model(...args);
  expect(odd.status).toBe(2);
  expect(odd.stderr).toMatch(
    /b\.rgb with 7 bytes; expected samples of 1228800 bytes each .* or 307200 \(uint8\)/,
  );
  rmSync(join(calib, 'a.rgb'));
  writeFileSync(join(calib, 'b.rgb'), new Uint8Array(3 * 320 * 320).fill(114));
  const edited = model(...args);
  expect(edited).toMatchObject({ status: 2, stdout: '' });
  expect(edited.stderr).toMatch(/_ptq\.yaml exists already and differs; nothing was written/);
  expect(model(...args, '--force').stdout).toContain('1 calibration sample in');
  expect(readFileSync(join(output, 'shapes_seg_320_bayese_320x320_nv12_ptq.yaml'), 'utf8')).toContain(
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

it('ptq: a file that hb_mapper does not read is refused with the command that writes it so', {
  timeout: 120_000,
}, () => {
  const cut = join(scratch, 'opset17.onnx');
  model('heads', exportPath('v8-80-classes-64x64-opset17'), '-o', cut);
  expect(model('ptq', cut, '--calib', 'none').status).toBe(0);
  for (const change of [
    (file: ModelProto) => (file.irVersion = 10n),
    (file: ModelProto) => (file.opsetImport[0]!.version = 12n),
  ]) {
    const path = changedModel(cut, scratch, change);
    const result = model('ptq', path, '--calib', 'none', '--force');
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(
      /hb_mapper reads 10 or 11 and at most 9: `model heads .* -o NEW\.onnx` writes it so/,
    );
    const remedied = join(scratch, 'remedied.onnx');
    expect(model('heads', path, '-o', remedied, '--force').status).toBe(0);
    expect(model('ptq', remedied, '--calib', 'none', '--force').status).toBe(0);
  }
});

it.each([
  [
    '0 to 1',
    (index: number) => (index % 256) / 255,
    /holds values of 0 to 1 in 2 of 2 samples; expected .* 0 to 255/,
  ],
  ['less a mean', (index: number) => (index % 256) - 128, /holds values of -128 to 127 in 2 of 2/],
  ['no numbers', () => Number.NaN, /holds values that are no numbers/],
])('ptq: calibration samples of %s are refused with their range', (_name, value, message) => {
  const calib = mkdtempSync(join(scratch, 'range-'));
  for (const name of ['a.rgb', 'b.rgb']) {
    writeFileSync(
      join(calib, name),
      Float32Array.from({ length: 3 * 320 * 320 }, (_, index) => value(index)),
    );
  }
  const result = model('ptq', shapesModel, '--calib', calib, '-o', join(calib, 'out'));
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(message);
});

it('ptq: one calibration sample of another range among many is named by its file; a black one is none', () => {
  const calib = mkdtempSync(join(scratch, 'mixed-'));
  const sample = (name: string, scale: number) =>
    writeFileSync(
      join(calib, name),
      Float32Array.from({ length: 3 * 320 * 320 }, (_, index) => (index % 256) * scale),
    );
  for (let index = 10; index < 22; index++) sample(`${index}.rgb`, 1);
  sample('13.rgb', 0);
  const run = () => model('ptq', shapesModel, '--calib', calib, '-o', join(calib, '..', 'mixed-out'));
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  sample('11.rgb', 1 / 255);
  const { status, stderr } = run();
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /holds values of 0 to 1 in 1 of 12 samples, 11\.rgb the first \(scaled to 1, or all but black\); expected/,
  );
});

it('ptq: nodes that the graph does not have are refused with the nearest that it has', () => {
  const nodes = ['/model.22/cv3.0/cv3.0.2/Conv', '/model.22/cv3.0/cv3.0.2/Konv'];
  const known = readModel(shapesModel).graph.node.find(({ opType }) => opType === 'Conv')!.name;
  const result = model('ptq', shapesModel, '--calib', 'none', '--on-bpu', known, `${known}x`, nodes[1]!);
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toContain('--on-bpu names nodes that the model does not have:');
  expect(result.stderr).toContain(`${known}x; the nearest are ${known}, `);
  expect(result.stderr).not.toContain(`  ${known};`);
});

it('ptq: a model that divides by 255 itself is not scaled again', () => {
  const path = withDivision(shapesModel, scratch);
  const output = join(scratch, 'divided');
  const result = model('ptq', path, '--calib', 'none', '-o', output);
  const told = 'the model takes 0..255 and scales that itself (Div scaled)\n';
  expect(result.stdout).toContain(`${told}so norm_type is no_preprocess`);
  expect(model('info', path).stdout).toContain(told);
  expect(model('info', shapesModel).stdout).not.toContain('0..255');
  const [config] = readdirSync(output).filter((name) => name.endsWith('.yaml'));
  const text = readFileSync(join(output, config!), 'utf8');
  expect(text).toMatch(/norm_type: no_preprocess/);
  expect(text).not.toMatch(/^\s*scale_value:/m);
});

it.each([
  ['npx', { npm_command: 'exec' }, 'npx rdk-yolo-seg'],
  ['its path', { RDK_YOLO_SEG_CALLED: './my bin/rdk-yolo-seg' }, "'./my bin/rdk-yolo-seg'"],
  ['the path of commands', { PATH: `${repoPath('bin')}:/usr/bin` }, 'rdk-yolo-seg'],
])('the next commands are those that the user can type, called by %s', (_name, env, command) => {
  const output = mkdtempSync(join(scratch, 'called-'));
  const { stdout } = modelWith(env, 'ptq', shapesModel, '-o', output, '--calib', 'none');
  expect(stdout).toContain(`\n${command} model calib `);
  expect(stdout).toContain(`\n${command} model log `);
});

it('info: ends with 1 where the node cannot run the model, and says so in JSON too', () => {
  for (const flags of [[], ['--json']]) {
    const result = model('info', exportPath('detection'), ...flags);
    expect(result.status).toBe(1);
    expect(result.stdout).toContain('there is no mask prototype');
    expect(result.stderr).toMatch(/^rdk-yolo-seg: model_unfit: this node cannot run detection\.onnx/);
  }
});

it.each([
  ['of dynamic size', repoPath('test/fixtures/models/input-dynamic.onnx'), /input size is not fixed/],
  ['of two inputs', repoPath('test/fixtures/models/input-two.onnx'), /it has 2 inputs/],
  ['of bytes', repoPath('test/fixtures/models/input-uint8.onnx'), /wrong input/],
  ['of another task', repoPath('test/fixtures/models/task-detect.onnx'), /exported for the task "detect"/],
  ['of float16 outputs', repoPath('test/fixtures/models/output-float16.onnx'), /has type float16/],
  [
    'of one channel',
    () =>
      changedModel(shapesModel, scratch, ({ graph }) => {
        const { value } = graph.input[0]!.type!;
        if (value.case !== 'tensorType') throw new Error('the input is no tensor');
        value.value.shape!.dim[1]!.value = { case: 'dimValue', value: 1n };
      }),
    /cannot load model|wrong input/,
  ],
  [
    'that ONNX Runtime does not know',
    () => changedModel(shapesModel, scratch, ({ graph }) => (graph.node[0]!.opType = 'Nonsense')),
    /onnxruntime cannot load model/,
  ],
])('info: a model %s is judged, and ends with 1', (_, path, why) => {
  const model_ = typeof path === 'string' ? path : path();
  const { status, stdout, stderr } = model('info', model_);
  expect(stdout).toMatch(/\nthis node cannot run it: /);
  expect(stdout).toMatch(why);
  expect(stderr).toMatch(/^rdk-yolo-seg: model_unfit: this node cannot run \S+; the reason is above\n$/);
  expect(status).toBe(1);
  const [summary] = JSON.parse(model('info', model_, '--json').stdout).models;
  expect(summary.obstacle).toMatch(why);
});

it('info: what is no model, or a damaged one, is unusable', () => {
  const whole = readFileSync(shapesModel);
  writeFileSync(join(scratch, 'cut.onnx'), whole.subarray(0, whole.length - 100));
  for (const path of ['cut.onnx', 'none.onnx', 'none.replay', scratch]) {
    expect(model('info', path)).toMatchObject({ status: 2, stdout: '' });
  }
});

it('info: a recording is summed up as the model it stands for', () => {
  const recording = join(scratch, 'shapes.replay');
  const pictures = mkdtempSync(join(scratch, 'pictures-'));
  copyFileSync(repoPath('assets/scenes/scene_000.jpg'), join(pictures, 'a.jpg'));
  const args = ['tensors', '--model', shapesModel, '--images', pictures, '-o', recording];
  expect(spawnSync(process.execPath, [cli, ...args]).status).toBe(0);
  const { status, stdout } = model('info', recording);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^shapes\.replay\n[\s\S]*classes: 5: ball, crate.*\nthis node can run it\n$/);
});

it('info: reads the manifest beside a model as the node does', () => {
  const folder = mkdtempSync(join(scratch, 'beside-'));
  const path = join(folder, 'custom.onnx');
  copyFileSync(shapesModel, path);
  writeFileSync(join(folder, 'custom.yaml'), 'train: x\nnc: 5\nnames: [a, b, c, d, e]\n');
  expect(model('info', path).stdout).toContain('classes: 5: a, b, c, d, e');
  writeFileSync(join(folder, 'custom.yaml'), 'class_names: [a, b]\n');
  const wrong = model('info', path);
  expect(wrong.status).toBe(1);
  expect(wrong.stdout).toMatch(/2 classes +\| 5 classes/);
  writeFileSync(join(folder, 'custom.yaml'), 'model_parameters: {}\n');
  expect(model('info', path).stdout).toMatch(/custom\.yaml: this is no manifest but settings of hb_mapper/);
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
  expect(stock.stderr).toMatch(/ptq_stock: .*cut it first with `model heads`/);
  expect(model('ptq', exportPath('detection')).stderr).toMatch(
    /detection\.onnx is no segmentation model .*a detection, pose or oriented box model/,
  );
});

it('info: names beside the model that are not read are named, with what makes them read', () => {
  const folder = mkdtempSync(join(scratch, 'names-'));
  copyFileSync(shapesModel, join(folder, 'shapes.onnx'));
  writeFileSync(join(folder, 'shapes.txt'), 'one\ntwo\nthree\nfour\nfive\n');
  const told = model('info', join(folder, 'shapes.onnx'));
  expect(told.status).toBe(0);
  const what = /^shapes\.txt beside the model is not read; .* write (class_names: .*) into shapes\.yaml\n$/;
  expect(told.stderr).toMatch(what);
  writeFileSync(join(folder, 'shapes.yaml'), what.exec(told.stderr)![1]!);
  expect(model('info', join(folder, 'shapes.onnx'))).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('classes: 5: one, two'),
    stderr: '',
  });
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
