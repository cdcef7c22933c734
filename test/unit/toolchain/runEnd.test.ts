import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reportOn } from '#dist/toolchain/logs/logReport.js';
import { readMapperLog } from '#dist/toolchain/logs/mapperLog.js';
import { fixtureText, logsMissing, realData } from './files.js';

const stamp = '2026-03-02 10:00:00,001 ';
const begun = [
  'INFO Start hb_mapper....',
  'INFO hb_mapper version 1.24.3',
  'INFO Start Model Convert....',
  'INFO Start to Horizon NN Model Convert.',
  'INFO Start to calibrate the model.',
]
  .map((line) => `${stamp}${line}\n`)
  .join('');

function read(text: string) {
  return readMapperLog(text, 'run.log');
}

describe('a run that did not end by itself', () => {
  it.each([
    ['Illegal instruction (core dumped)', /lacks instructions.*AVX/],
    ['./run.sh: line 7: 4711 Illegal instruction     (core dumped) hb_mapper makertbin -c x.yaml', /AVX/],
    ['zsh: illegal hardware instruction  hb_mapper makertbin', /AVX/],
    ['Killed', /memory ran out/],
    ['Killed: 9', /memory ran out/],
    ['run.sh: line 12:  1234 Killed                  hb_mapper makertbin --config x.yaml', /memory ran out/],
    ['[1]    12345 killed     hb_mapper makertbin', /memory ran out/],
    [
      "terminate called after throwing an instance of 'std::bad_alloc'\nAborted (core dumped)",
      /memory ran out/,
    ],
    ['oe-1 exited with code 137', /memory ran out/],
    ['Segmentation fault (core dumped)', /fault of the tool/],
    ['Bus error (core dumped)', /room ran out/],
    ['Aborted (core dumped)', /gave up/],
    ['^CKeyboardInterrupt', /interrupted/],
    ['Terminated', /ended from outside/],
    ['qemu: uncaught target signal 4 (Illegal instruction) - core dumped', /AVX/],
    ['qemu: uncaught target signal 11 (Segmentation fault) - core dumped', /fault of the tool/],
    ['qemu: uncaught target signal 6 (Aborted) - core dumped', /gave up/],
    ['killed     hb_mapper makertbin --config x.yaml --model-type onnx', /memory ran out/],
    ['zsh: killed     hb_mapper makertbin --config x.yaml', /memory ran out/],
    ['[1]  + 12345 killed     hb_mapper makertbin --config x.yaml', /memory ran out/],
    ['./ptq.sh:3: killed     hb_mapper makertbin', /memory ran out/],
    ['zsh: segmentation fault (core dumped)  hb_mapper makertbin', /fault of the tool/],
    ['zsh: abort (core dumped)  hb_mapper makertbin', /gave up/],
    ['zsh: terminated  hb_mapper makertbin', /ended from outside/],
    ['make: *** [Makefile:3: convert] Error 137', /memory ran out/],
    ['oe-1 exited with code 132', /AVX/],
    ['The command exited with status 139', /fault of the tool/],
    ['Calibration:  40%|####      | 4/10 [00:09<00:14,  2.4s/it]^C', /interrupted/],
    ['^C', /interrupted/],
    ['^CTraceback (most recent call last):\n  File "x.py", line 1\nKeyboardInterrupt', /interrupted/],
    ['Process ForkPoolWorker-1:\nKeyboardInterrupt: ', /interrupted/],
    ['Aborted!', /interrupted/],
    ['bash: hb_mapper: command not found', /not installed here.*docker/],
    ['zsh: command not found: hb_mapper', /not installed here.*docker/],
    ['exec /usr/local/bin/hb_mapper: exec format error', /another processor/],
  ])('%s: failed, where and why', (text, meaning) => {
    const report = reportOn(read(`${begun}${text}\n`));
    expect(report.log).toMatchObject({ state: 'failed', openStep: 'calibrate the model' });
    expect(report.log.failure).toHaveLength(1);
    expect(report.log.failure[0]!.text).toMatch(meaning);
    expect(report.remarks[0]).toMatch(
      /^the run failed in the step "calibrate the model": .* \(line [678]\)$/,
    );
    expect(report.log.errors.at(-1)).toEqual(report.log.failure[0]);
  });

  it.each([
    [9, /^hbdk-cc compile hbir model failed with returncode -9: most often because memory ran out/],
    [11, /fault of the tool itself/],
    [15, /ended from outside/],
  ])('signal %d that ended the compiler of the tool', (signal, meaning) => {
    const failed = '*** ERROR-OCCUR-DURING {hbdk.hbdk-cc} ***, error message: INFO: "-j" is not specified';
    const text = [
      `INFO hbdk-cc compile hbir model failed with returncode -${signal}.`,
      `INFO ${failed}`,
      'INFO End to calibrate the model.',
    ].map((line) => `${stamp}${line}\n`);
    const { log } = reportOn(read(`${begun}${text.join('')}`));
    expect(log).toMatchObject({ state: 'failed', openStep: 'calibrate the model' });
    expect(log.failure.map((reason) => reason.text)).toEqual([expect.stringMatching(meaning)]);
    // Its own refusal of a model is told in its own words.
    const refused = text
      .join('')
      .replace(`-${signal}.`, '1.')
      .replace(/INFO: .*/, 'the grid is odd');
    expect(read(`${begun}${refused}`).failure[0]?.text).toMatch(/the grid is odd$/);
  });

  it('is not read out of what the tool logs, of other commands before it or after its end', () => {
    expect(read(`${begun}${stamp}INFO Killed\n`).state).toBe('unfinished');
    expect(read(`Killed\n${begun}`).state).toBe('unfinished');
    expect(read(`${begun}${stamp}INFO Convert to runtime bin file successfully!\nKilled\n`).state).toBe(
      'finished',
    );
    expect(read(begun).state).toBe('unfinished');
  });
});

describe('a command that was not understood failed, though nothing was logged', () => {
  it.each([
    [
      'usage: hb_mapper makertbin [-h] --config CONFIG\nhb_mapper makertbin: error: unrecognized arguments: --foo',
      'hb_mapper makertbin',
      /unrecognized arguments: --foo/,
    ],
    [
      'usage: hb_model_modifier [-h] [-r NODE] model\nhb_model_modifier: error: the following arguments are required: model',
      'hb_model_modifier',
      /arguments are required: model/,
    ],
    [
      "Usage: hb_model_modifier [OPTIONS] MODEL\nTry 'hb_model_modifier --help' for help.\n\nError: No such option: --foo",
      'hb_model_modifier',
      /No such option: --foo/,
    ],
    ['bash: hb_mapper: command not found', 'hb_mapper', /not installed here/],
    ['zsh: killed     hb_model_modifier x.bin', 'hb_model_modifier', /memory ran out/],
  ])('%s', (text, tool, reason) => {
    const { log, remarks } = reportOn(read(`${text}\n`));
    expect(log).toMatchObject({ tool, state: 'failed' });
    expect(remarks[0]).toMatch(reason);
  });
});

it('a list of hb_model_modifier that is cut off is not finished, at either end', () => {
  const list = `${stamp}INFO Nodes that can be deleted: ['a_HzDequantize', 'b_HzDequantize']\n`;
  const stateOf = (text: string) => reportOn(read(text));
  expect(stateOf(list).log.state).toBe('finished');
  for (const torn of [list.slice(0, -8), list.slice(list.indexOf('zDeq'))]) {
    const { log, remarks } = stateOf(torn);
    expect(log.state).toBe('unfinished');
    expect(remarks[0]).toBe('the list of nodes that can be deleted is cut off');
  }
});

it('an error of the tool and what Python says of it are both told, in the step where it occurred', () => {
  const text = [
    `${stamp}ERROR There is an error in the calibration data: a.jpg size 204800`,
    'Traceback (most recent call last):',
    '  File "x.py", line 10, in run',
    'ValueError: cannot reshape array of size 51200 into shape (1,3,640,640)',
    `${stamp}INFO End to calibrate the model.`,
    '',
  ].join('\n');
  const { log, remarks } = reportOn(read(`${begun}${text}`));
  expect(log).toMatchObject({ state: 'failed', openStep: 'calibrate the model' });
  expect(remarks[0]).toBe(
    'the run failed in the step "calibrate the model": There is an error in the calibration data: a.jpg size 204800 (line 6); ' +
      'then ValueError: cannot reshape array of size 51200 into shape (1,3,640,640) (line 9)',
  );
  const cut = reportOn(read(`${begun}Traceback (most recent call last):\n  File "x.py", line 1\n`));
  expect(cut.remarks[0]).toContain('Traceback (most recent call last):');
});

it('a log of hb_compile is named as one of another family, with its error', () => {
  const text = [
    '[MZOO] [00:21:20.100] [INFO] cmd: hb_compile --config config.yaml',
    `${stamp}INFO Start hb_compile...`,
    `${stamp}INFO hb_compile version 3.3.22`,
    `${stamp}ERROR The specified optimize_level 'O3' is invalid`,
    '[MZOO] [00:21:25.360] [ERROR] hb_compile failed.',
  ].join('\n');
  expect(() => read(text)).toThrow(
    /a log of hb_compile, the compiler for the S100 family; .* \(the run failed: The specified optimize_level 'O3' is invalid\)/,
  );
  expect(() =>
    read(`${stamp}INFO Start hb_compile...\n${begun.replace(/.*hb_mapper version.*\n/, '')}`),
  ).toThrow(/S100 family/);
});

describe('operators on the CPU', () => {
  const table = (...rows: string[]) =>
    ['Node  ON  Subgraph  Type', '-----', ...rows, `${stamp}INFO End model checking....`].join('\n');
  const judge = (...rows: string[]) => reportOn(read(`${begun}${table(...rows)}\n`)).cpuNodes;

  it.each([
    ['/model.22/dfl/Softmax  CPU  --  Softmax'],
    ['/model.22/dfl/Transpose  CPU  --  Transpose'],
    ['/model.22/Sigmoid  CPU  --  Sigmoid'],
    ['/model.22/Sub_1  CPU  --  Sub'],
  ])('%s: decoding, to be cut off', (row) => {
    const [node] = judge('/model.22/cv3.0/cv3.0.2/Conv  BPU  id(0)  HzSQuantizedConv', row);
    expect(node).toMatchObject({ isExpected: false });
    expect(node!.why).toMatch(/decoding.*`model heads`/);
    expect(node!.why).not.toContain('--on-bpu');
  });

  it('attention goes to the BPU; a Softmax whose name says nothing leaves both', () => {
    const [attention, unnamed] = judge(
      '/model.10/m/m.0/attn/Softmax  CPU  --  Softmax',
      'Softmax_121  CPU  --  Softmax',
    );
    expect(attention).toMatchObject({ isExpected: true });
    expect(attention!.why).toContain('model ptq --on-bpu /model.10/m/m.0/attn/Softmax');
    expect(unnamed).toMatchObject({ isExpected: false });
    expect(unnamed!.why).toMatch(/does not say.*--on-bpu Softmax_121.*`model heads`/);
  });

  it("a cut model's transposes are no decoding", () => {
    const [node] = judge(
      '/model.22/cv3.0/cv3.0.2/Conv  BPU  id(0)  HzSQuantizedConv',
      '/model.22/Transpose_3  CPU  --  Transpose',
    );
    expect(node).toMatchObject({ isExpected: true });
  });
});

describe('a graph in two parts', () => {
  const part = (source: string, seconds: string) =>
    `${stamp}INFO hbdk-cc parameters:['--O3', '--fast', '--input-source', '${source}']\n` +
    `${stamp}INFO consumed time ${seconds}\n`;

  it("has the input source of its first part, and both parts' time", () => {
    const { compile } = read(`${begun}${part('pyramid', '23.4701')}${part('ddr,ddr,ddr', '41.3753')}`);
    expect(compile).toMatchObject({ inputSource: 'pyramid', optimizeLevel: 'O3', compileSeconds: 64.8454 });
  });

  it('is described by input where there are several', () => {
    const summary = (text: string) =>
      read(`${begun}${stamp}INFO input-source        : ${text}\n`).compile.inputSource;
    expect(summary("{'images': 'pyramid', '_default_value': 'ddr'}")).toBe('pyramid');
    expect(summary("{'a': 'pyramid', 'b': 'ddr', '_default_value': 'ddr'}")).toBe('a pyramid, b ddr');
    expect(summary('pyramid')).toBe('pyramid');
  });
});

it('the text of hb_model_info: settings and the nodes that were removed before', () => {
  const text = [
    'Start hb_model_info....',
    'hb_model_info version 1.24.3',
    'BPU march           : bayes-e',
    'output_model_file_prefix: tiny',
    'deleted nodes: /model.22/cv2.0/Conv_output_0_HzDequantize',
  ]
    .map((line) => `${stamp}INFO ${line}\n`)
    .join('');
  const { log } = reportOn(read(text));
  expect(log).toMatchObject({ tool: 'hb_model_info', state: 'finished', compile: { march: 'bayes-e' } });
  expect(log.modifier).toMatchObject({
    deleted: ['/model.22/cv2.0/Conv_output_0_HzDequantize'],
    removed: [],
    savedAs: null,
  });
});

it('hb_model_modifier that was killed or failed has failed; a list needs no closing line', () => {
  const asked = `${stamp}INFO Nodes that will be removed from this model: ['a_HzDequantize']\n`;
  expect(read(`${asked}Killed\n`).state).toBe('failed');
  expect(read(`${asked}${stamp}ERROR no such node\n`).state).toBe('failed');
  expect(read(asked).state).toBe('unfinished');
  expect(read(fixtureText('modifier-ten.txt')).state).toBe('finished');
});

describe(`logs of others${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, () => {
  const report = (path: string) => reportOn(read(readFileSync(realData(path), 'utf8')));

  it.skipIf(logsMissing !== null).each([
    ['calib_shape', /calibration data.*img_001\.jpg.*line 9.*cannot reshape.*line 12/],
    ['illegal', /"calibrate the model": Illegal instruction/],
    ['killed', /"calibrate the model": Killed.*memory/],
    ['opset18', /"prepare the onnx model": .*opset version of the model is 18/],
  ])('field/07 %s', (name, reason) => {
    const { log, remarks } = report(`field/07-failed-conversions/${name}.log`);
    expect(log.state).toBe('failed');
    expect(remarks[0]).toMatch(reason);
  });

  it.skipIf(logsMissing !== null)('a checker that failed; YOLO11 in two parts; a stock export', () => {
    const failed = report('bpu/hb_mapper_checker_failed.log');
    expect(failed.log).toMatchObject({
      tool: 'hb_mapper checker',
      state: 'failed',
      openStep: 'optimize the onnx model',
    });
    expect(failed.remarks[0]).toMatch(/can not find hbdk library \(line 75\)$/);
    const parts = report('bpu/real_makertbin_yolo11_11dequant.log');
    expect(parts.log).toMatchObject({
      state: 'finished',
      compile: { inputSource: 'pyramid', compileSeconds: 64.8454 },
    });
    expect(parts.placement).toEqual({ bpuNodes: 256, cpuNodes: 1, subgraphs: 2 });
    const stock = report('field/10-dfl-softmax-on-cpu/checker.txt');
    expect(stock.cpuNodes[0]!.why).toMatch(/`model heads`/);
    expect(stock.remarks[0]).toMatch(/stock export.*`model heads`/);
  });
});
