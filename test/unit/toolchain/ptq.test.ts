import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  checkPtqYaml,
  namePtq,
  type PtqChoices,
  type PtqModel,
  ptqAsYaml,
  ptqSettings,
} from '#dist/toolchain/ptq/ptqConfig.js';
import { ptqScript } from '#dist/toolchain/ptq/ptqScript.js';

const scratch = mkdtempSync(join(tmpdir(), 'ptq-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const model: PtqModel = {
  stem: 'yolov8n-seg',
  modelPath: "./my model's/yolov8n-seg.onnx",
  calibrationPath: './calibration_data_rgb_f32',
  inputName: 'images',
  widthPx: 640,
  heightPx: 384,
  whiteValue: 1,
};
const choices: PtqChoices = {
  input: 'nchw',
  march: 'bayes-e',
  compileMode: 'latency',
  optimizeLevel: 'O3',
  calibrationType: 'default',
  sampleType: 'float32',
  yuvRange: 'full',
  int16Nodes: [],
  optimization: [],
  balanceFactor: null,
  hasLayerNames: false,
  jobs: null,
};

function yamlOf(changed: Partial<PtqChoices> = {}): string {
  return ptqAsYaml(ptqSettings(model, { ...choices, ...changed }), 'heading');
}

function hasPyYaml(): boolean {
  try {
    execFileSync('python3', ['-c', 'import yaml'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The configuration as PyYAML, which hb_mapper uses, reads it. */
function asPythonReads(text: string): unknown {
  const program = 'import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
  return JSON.parse(execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' }));
}

const noPyYaml = hasPyYaml() ? '' : ' (skipped: python3 has no yaml)';

it.skipIf(noPyYaml !== '')(`PyYAML reads what was meant${noPyYaml}`, () => {
  expect(asPythonReads(yamlOf())).toEqual({
    model_parameters: {
      onnx_model: "./my model's/yolov8n-seg.onnx",
      march: 'bayes-e',
      output_model_file_prefix: 'yolov8n_instance_seg_bayese_640x384_nchw',
      working_dir: 'yolov8n_instance_seg_bayese_640x384_nchw',
      layer_out_dump: false,
    },
    input_parameters: {
      input_name: 'images',
      input_shape: '1x3x384x640',
      input_type_train: 'rgb',
      input_layout_train: 'NCHW',
      input_type_rt: 'rgb',
      input_layout_rt: 'NCHW',
      norm_type: 'data_scale',
      scale_value: '0.003921568627451',
    },
    calibration_parameters: {
      cal_data_dir: './calibration_data_rgb_f32',
      cal_data_type: 'float32',
      preprocess_on: false,
      calibration_type: 'default',
    },
    compiler_parameters: { compile_mode: 'latency', optimize_level: 'O3', debug: false },
  });
});

it.skipIf(noPyYaml !== '')(`a model that divides by 255 itself is not scaled again${noPyYaml}`, () => {
  const text = ptqAsYaml(ptqSettings({ ...model, whiteValue: 255 }, choices), 'heading');
  const read = asPythonReads(text) as { input_parameters: object };
  expect(read.input_parameters).toMatchObject({ norm_type: 'no_preprocess' });
  expect(read.input_parameters).not.toHaveProperty('scale_value');
});

it.skipIf(noPyYaml !== '')(`NV12 of limited range, bandwidth, random calibration${noPyYaml}`, () => {
  const read = asPythonReads(
    yamlOf({
      input: 'nv12',
      yuvRange: 'limited',
      compileMode: 'bandwidth',
      calibrationType: 'skip',
      jobs: 4,
    }),
  );
  expect(read).toMatchObject({
    input_parameters: { input_type_rt: 'nv12', input_space_and_range: 'bt601_video' },
    calibration_parameters: { calibration_type: 'skip' },
    compiler_parameters: { compile_mode: 'bandwidth', jobs: 4 },
  });
  expect(JSON.stringify(read)).not.toMatch(/cal_data_dir|input_layout_rt/);
});

it.skipIf(noPyYaml !== '')(`percentile as hb_mapper has it: max with a share${noPyYaml}`, () => {
  const calibrationOf = (calibrationType: PtqChoices['calibrationType']) =>
    (asPythonReads(yamlOf({ calibrationType })) as { calibration_parameters: object }).calibration_parameters;
  const percentile = { calibration_type: 'max', max_percentile: 0.99995 };
  expect(calibrationOf('percentile')).toEqual({ ...calibrationOf('max'), ...percentile });
  expect(calibrationOf('max')).not.toHaveProperty('max_percentile');
});

it.skipIf(noPyYaml !== '')(`nodes kept on the BPU, whatever their names${noPyYaml}`, () => {
  const names = ['/model.10/m/m.0/attn/Softmax', "it's: {a}"];
  const on = { ON: 'BPU', InputType: 'int16', OutputType: 'int16' };
  expect(asPythonReads(yamlOf({ int16Nodes: names }))).toMatchObject({
    model_parameters: { node_info: { [names[0]]: on, [names[1]]: on } },
  });
});

it.skipIf(noPyYaml !== '')(`settings of hb_mapper, apart by semicolons${noPyYaml}`, () => {
  const optimization = ['set_Softmax_input_int8', 'set_Softmax_output_int8'];
  const balance = { compileMode: 'balance', balanceFactor: 0, optimizeLevel: 'O1' } as const;
  expect(asPythonReads(yamlOf({ optimization, ...balance, hasLayerNames: true }))).toMatchObject({
    calibration_parameters: { optimization: 'set_Softmax_input_int8;set_Softmax_output_int8' },
    compiler_parameters: { compile_mode: 'balance', balance_factor: 0, optimize_level: 'O1', debug: true },
  });
});

it('every key has its meaning in the line above', () => {
  for (const input of ['nv12', 'nchw'] as const) {
    const optimization = ['bias_correction'];
    const balance = { compileMode: 'balance', balanceFactor: 20 } as const;
    const lines = yamlOf({ input, jobs: 2, optimization, ...balance, calibrationType: 'percentile' }).split(
      '\n',
    );
    const keys = lines.flatMap((line, index) => (/^\s*\w+:/.test(line) ? [index] : []));
    expect(keys.length).toBeGreaterThan(20);
    for (const index of keys) expect(lines[index - 1], lines[index]).toMatch(/^\s*# \S/);
  }
});

it.each([
  [
    'yolov8n-seg',
    'nchw',
    'yolov8_instance_seg_bayese_640x384_nchw_ptq.yaml',
    'yolov8n_instance_seg_bayese_640x384_nchw',
  ],
  [
    'yolo11s-seg',
    'nv12',
    'yolo11_instance_seg_bayese_640x384_nv12_ptq.yaml',
    'yolo11s_instance_seg_bayese_640x384_nv12',
  ],
  [
    'YOLOv9c-seg',
    'nv12',
    'yolov9_instance_seg_bayese_640x384_nv12_ptq.yaml',
    'yolov9c_instance_seg_bayese_640x384_nv12',
  ],
  ['my robot (v2)', 'nv12', 'my_robot_v2_bayese_640x384_nv12_ptq.yaml', 'my_robot_v2_bayese_640x384_nv12'],
] as const)('%s for %s is named %s', (stem, input, configFile, prefix) => {
  expect(namePtq({ ...model, stem }, { ...choices, input })).toEqual({ configFile, prefix });
});

it.each([
  ['march: bayes-e', 'march: bayes-z', /model_parameters\.march/],
  ['optimize_level: O3', 'optimise_level: O3', /compiler_parameters.*optimise_level/],
  ['input_layout_rt: NCHW', '', /input_layout_rt is needed/],
  ['cal_data_dir: ./calibration_data_rgb_f32', '', /cal_data_dir is needed/],
  ['norm_type: data_scale', 'norm_type: data_mean', /scale_value goes with/],
  ['debug: false', 'debug: false\n  max_time_per_fc: 10', /expected 0 or 1000/],
])('a configuration with %j as %j is refused', (from, to, message) => {
  const text = yamlOf();
  expect(text).toContain(from);
  expect(() => checkPtqYaml(text.replace(from, to))).toThrow(message);
});

/** Stands in for a tool of the vendor's: notes its folder and arguments, and makes the result folder. */
function makeStub(folder: string, name: string, body: string): void {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!/bin/sh\nprintf '%s|' "$(basename "$PWD")" ${name} "$@" >> "$TRACE"; echo >> "$TRACE"\n${body}`,
  );
  chmodSync(path, 0o755);
}

it('the script runs checker, conversion and listing in turn, and stops at a failure', () => {
  const { prefix, configFile } = namePtq(model, choices);
  const names = { modelPath: model.modelPath, configFile, prefix, march: choices.march };
  const work = join(scratch, 'work');
  const tools = join(scratch, 'tools');
  const trace = join(scratch, 'trace');
  for (const folder of [work, tools]) mkdirSync(folder);
  writeFileSync(join(work, 'convert.sh'), ptqScript(names));
  const env = { PATH: `${tools}:/usr/bin:/bin`, TRACE: trace };
  const runScript = () =>
    execFileSync('/bin/sh', [join(work, 'convert.sh')], { env, cwd: '/', encoding: 'utf8', stdio: 'pipe' });

  expect(runScript).toThrow(/hb_mapper is not here/);
  makeStub(tools, 'hb_mapper', `[ "$1" = checker ] || mkdir -p ${prefix}\n`);
  makeStub(tools, 'hb_model_modifier', '');
  expect(runScript()).toContain(`model dequant hb_mapper_makertbin.log ${prefix}/hb_model_modifier.log`);
  expect(readFileSync(trace, 'utf8').trim().split('\n')).toEqual([
    `work|hb_mapper|checker|--model-type|onnx|--march|bayes-e|--model|${model.modelPath}|`,
    `work|hb_mapper|makertbin|--model-type|onnx|--config|${configFile}|`,
    `${prefix}|hb_model_modifier|${prefix}.bin|`,
  ]);

  rmSync(trace);
  makeStub(tools, 'hb_mapper', 'exit 3\n');
  expect(runScript).toThrow();
  expect(readFileSync(trace, 'utf8').trim().split('\n')).toHaveLength(1);
});
