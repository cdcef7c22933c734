import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changedModel, exportPath, repoPath } from './exports.js';
import { fixturePath } from './files.js';
import { model, run, scratch, shapesModel } from './modelCommand.js';

it('info: a log of the conversion says which command reads it', () => {
  const result = model('info', fixturePath('checker-docker.txt'));
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toMatch(/it is a log of the conversion, try `model log`/);
});

it('info: a text that only speaks of the tools is taken for no log, by model log neither', () => {
  const manual = join(scratch, 'manual.txt');
  writeFileSync(
    manual,
    '# Manual\n\nRun `hb_mapper makertbin` first:\n\n    hb_mapper makertbin --config a.yaml\n',
  );
  const info = model('info', manual);
  expect(info).toMatchObject({ status: 2, stdout: '' });
  expect(info.stderr).toMatch(
    /expected a \.onnx model or the text of `hrt_model_exec model_info`; it begins with "# Manual/,
  );
  const log = model('log', manual);
  expect(log).toMatchObject({ status: 2, stdout: '' });
  expect(log.stderr).toMatch(/is no log of hb_mapper .*; it begins with "# Manual"/);
});

it('info: the text about a model is not told to be a list of its classes', () => {
  const folder = mkdtempSync(join(scratch, 'listing-'));
  copyFileSync(fixturePath('info-two-models.txt'), join(folder, 'two.txt'));
  writeFileSync(join(folder, 'coco.names'), 'one\n');
  const { stdout, stderr } = model('info', join(folder, 'two.txt'));
  expect(stdout).toContain('this node cannot run it');
  expect(stderr).toMatch(/^rdk-yolo-seg: model_unfit: [^\n]*\n$/);
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
    /cannot load model|it takes grey pictures/,
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
  expect(run('tensors', '--model', shapesModel, '--images', pictures, '-o', recording).status).toBe(0);
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

it('info: a folder is unusable', () => {
  const result = model('info', scratch);
  expect(result.status).toBe(2);
  expect(result.stderr).toContain('cannot be read');
});

it('info: classes without names are not passed off as those of COCO', () => {
  const path = changedModel(exportPath('v8-80-classes-64x64-opset17'), scratch, (onnx) => {
    onnx.metadataProps = onnx.metadataProps.filter(({ key }) => key !== 'names');
  });
  expect(model('info', path).stdout).toMatch(
    /^classes: nobody names them, so they are class 0, class 1, .*\(coco: the 80 of COCO\)$/m,
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
