import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelProto } from 'onnx-buf';
import { expect, it } from 'vitest';
import { changedModel, exportPath, readModel, withDivision } from './exports.js';
import { called, model, scratch, shapesModel } from './modelCommand.js';

it('ptq: configuration and script; samples are counted and their size is checked', () => {
  const output = join(scratch, 'out');
  const calib = join(scratch, 'samples_f32');
  const args = ['ptq', shapesModel, '-o', output, '--calib', calib, '--compile-mode', 'bandwidth'];
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
  expect(result.stderr).toContain('--int16 (--on-bpu) names nodes that the model does not have:');
  expect(result.stderr).toContain(`${known}x; the nearest are ${known}, `);
  expect(result.stderr).not.toContain(`  ${known};`);
});

it.each([
  [
    ['--optimization', 'set_Mul_input_int16'],
    /the model has no Mul; its operators are Add, .*HzSwish, MaxPool/,
  ],
  [['--optimization', 'set_Cnv_input_int16'], /the model has no Cnv; did you mean Conv\?/],
  [
    ['--optimization', 'bias_corection'],
    /none of hb_mapper's; did you mean bias_correction\?; expected asymmetric, /,
  ],
  [['--optimization', 'set_all_nodes_int32'], /none of hb_mapper's.*with TYPE int8 or int16/],
  [
    ['--optimization', 'set_all_nodes_int8, set_all_nodes_int16'],
    /has both set_all_nodes_int8 and set_all_nodes_int16/,
  ],
  [['--int16', '/model.0/act/Sigmoid'], /which hb_mapper takes into \/model\.0\/act\/Mul; name that/],
  [['--march', 'bernoulli2', '--int16', '/model.0/conv/Conv'], /march bernoulli2 has int8 alone/],
  [
    ['--march', 'bernoulli2', '--optimization', 'set_all_nodes_int16'],
    /set_all_nodes_int16: .* bernoulli2 has int8 alone/,
  ],
])('ptq %s', (args, message) => {
  const result = model('ptq', shapesModel, '--calib', 'none', '-o', join(scratch, 'refused'), ...args);
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(message);
});

it.each(['ptq', 'compile'])(
  '%s: settings that do not go together, and the goal given as the level',
  (command) => {
    const needed = command === 'ptq' ? [] : ['--images', 'none', '-o', join(scratch, 'none')];
    const refused = (...args: string[]) => model(command, shapesModel, ...needed, ...args).stderr;
    expect(refused('--compile-mode', 'balance')).toMatch(/goes with --balance-factor.*balance and none/);
    expect(refused('--balance-factor', '3')).toMatch(/found latency and --balance-factor 3/);
    expect(refused('--balance-factor', '101')).toMatch(/expected a whole number from 0 to 100/);
    expect(refused('--optimize', 'bandwidth')).toMatch(
      /expected O0, O1, O2, O3; --compile-mode takes bandwidth/,
    );
  },
);

it('ptq: settings of hb_mapper as the model zoo writes them, with commas', () => {
  const cut = join(scratch, 'attention.onnx');
  model('heads', exportPath('attention-3-classes-64x96-opset18'), '-o', cut);
  const output = join(scratch, 'zoo');
  const zoo = 'set_Softmax_input_int8,set_Softmax_output_int8';
  const args = ['--optimization', zoo, '--optimize-level', 'O1', '--jobs', '2'];
  expect(model('ptq', cut, '--calib', 'none', '-o', output, ...args)).toMatchObject({
    status: 0,
    stderr: '',
  });
  const yaml = readFileSync(join(output, 'attention_bayese_64x96_nv12_ptq.yaml'), 'utf8');
  expect(yaml).toContain('optimization: set_Softmax_input_int8;set_Softmax_output_int8\n');
  expect(yaml).toContain('optimize_level: O1\n');
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

it('ptq: a stock export is to be cut first, whatever its operator set; a detection model is named', () => {
  const stock = model('ptq', exportPath('v8-2-classes-96x160-opset12'));
  expect(stock.status).toBe(2);
  expect(stock.stderr).toMatch(/ptq_stock: .*cut it first with `model heads`/);
  expect(model('ptq', exportPath('detection')).stderr).toMatch(
    /detection\.onnx is no segmentation model .*a detection, pose or oriented box model/,
  );
});
