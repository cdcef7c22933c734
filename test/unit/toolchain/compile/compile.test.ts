import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { parseManifest } from '#dist/model/manifest.js';
import { changedModel, withDivision } from '../exports.js';
import { CallNotes, demoModel, isRunning, makeToolchain, pictures, runCli } from './standInTools.js';

// Several runs of the command each.
vi.setConfig({ testTimeout: 120_000 });

const scratch = mkdtempSync(join(tmpdir(), 'compile-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const toolchain = makeToolchain(join(scratch, 'toolchain'));

const name = 'shapes_seg_320_bayese_320x320_nv12';
const allCalls = [
  'hb_mapper checker',
  'hb_mapper makertbin',
  'hb_model_modifier',
  'hb_model_modifier',
  'hb_model_info',
];

let output = '';
let work = '';
let notes: CallNotes;
let runs = 0;

beforeEach(() => {
  // A space, as folders of users have.
  output = join(scratch, `out ${++runs}`);
  work = join(output, 'shapes-seg-320_nv12_work');
  notes = new CallNotes(join(scratch, `calls ${runs}`));
});

function compile(
  fault = '',
  args: readonly string[] = [],
  onStderr?: (all: string, processId: number) => void,
) {
  const line = ['model', 'compile', demoModel, '--images', pictures, '-o', output, '--calib-count', '2'];
  const env = { STANDIN: fault, STANDIN_CALLS: notes.path };
  return runCli([...line, '--toolchain', toolchain, ...args], env, onStderr);
}

/** What is neither finished nor to be kept. */
function leftovers(): string[] {
  return readdirSync(work).filter((entry) => entry.includes('unfinished') || entry === 'lock');
}

describe('from an export to the model', () => {
  it('gives model, manifest, page and summary, and does nothing twice', async () => {
    const first = await compile();
    expect(first.stderr).toMatch(/^\[6\/6\] results/m);
    expect(first.status).toBe(0);
    expect(notes.take()).toEqual(allCalls);
    expect(first.stdout).toContain('this node can run it');
    expect(first.stdout).toContain('212.8 frames/s, 4.70 ms, 26.9 MB');
    expect(first.stdout).toContain('calibrated with 2 pictures: method not told');
    // The robot has no path of this PC.
    expect(first.stdout).toMatch(
      /^next, on the robot .*: rdk-yolo-seg node --ros-args -p model\.path:=[^/]+\.bin$/m,
    );
    expect(leftovers()).toEqual([]);
    const model = JSON.parse(readFileSync(join(output, `${name}_modified.bin`), 'utf8'));
    expect(model.removed.toSorted()).toEqual(
      ['cv2', 'cv3', 'cv4']
        .flatMap((layer) =>
          [0, 1, 2].map(
            (level) => `/model.22/${layer}.${level}/${layer}.${level}.2/Conv_output_0_HzDequantize`,
          ),
        )
        .concat('output9_HzDequantize'),
    );
    expect(parse(model.config).compiler_parameters.optimize_level).toBe('O3');
    const manifest = readFileSync(join(output, `${name}_modified.yaml`), 'utf8');
    expect(parseManifest(manifest, 'x.yaml')).toMatchObject({
      classNames: ['ball', 'crate', 'cone', 'barrel', 'pallet'],
      classScores: 'logits',
      roles: new Map([
        ['output6', 'cls'],
        ['output7', 'cls'],
        ['output8', 'cls'],
        ['output3', 'box'],
        ['output4', 'box'],
        ['output5', 'box'],
        ['output0', 'coef'],
        ['output1', 'coef'],
        ['output2', 'coef'],
      ]),
    });
    expect(manifest).toMatch(/^# .*calibrated with 2 pictures/m);
    expect(readFileSync(join(output, `${name}.html`), 'utf8')).toContain('<html');

    const second = await compile();
    expect(second.status).toBe(0);
    expect(notes.take()).toEqual([]);
    expect(second.stderr.match(/kept, took/g)).toHaveLength(5);
    expect(second.stdout).toBe(first.stdout);
  });

  it('does anew what other settings change, and no more', async () => {
    await compile();
    notes.take();
    const kept = await compile('', ['--keep-float', 'cls']);
    expect(kept.status).toBe(0);
    expect(notes.take()).toEqual(['hb_model_modifier', 'hb_model_modifier', 'hb_model_info']);
    expect(kept.stdout).toMatch(/output9 .*S32 +proto +32 scales on axis 3: 9\.77e-4 \.\. .* \.\. 3\.13e-2/);
    const twice = await compile('', ['--keep-float', 'cls', '--keep-float', 'box']);
    expect(twice.stdout).toMatch(/output3 .*F32 +box8/);
    expect(twice.stdout).toMatch(/output6 .*F32 +cls8/);
    expect((await compile('', ['--keep-float', 'cls'])).status).toBe(0);
    notes.take();
    const jobs = await compile('', ['--keep-float', 'cls', '--jobs', '2']);
    expect(jobs.status).toBe(0);
    expect(notes.take()).toEqual([]);
    const level = await compile('', ['--optimize', 'O0']);
    expect(level.status).toBe(0);
    expect(notes.take()).toEqual(allCalls.slice(1));
    const count = await compile('', ['--optimize', 'O0', '--calib-count', '3']);
    expect(count.status).toBe(0);
    expect(notes.take()).toEqual(allCalls.slice(1));
  });

  it('gives the tool the settings asked for, and says which it did not take', async () => {
    const settings = ['--optimization', 'set_Conv_input_int16,bias_correction', '--optimize-level', 'O1'];
    const nodes = ['--int16', '/model.0/conv/Conv', '/model.0/act/Mul'];
    const more = ['--compile-mode', 'balance', '--balance-factor', '20', '--layer-names', '--jobs', '2'];
    const { status, stdout } = await compile('', [...settings, ...nodes, ...more]);
    expect(status).toBe(0);
    expect(stdout).toContain('note: /model.0/conv/Conv was to be int16: it is int8 on the BPU\n');
    expect(stdout).toMatch(/note: \/model\.0\/act\/Mul was to be int16: it is not in the table/);
    const model = JSON.parse(readFileSync(join(output, `${name}_modified.bin`), 'utf8'));
    expect(parse(model.config, { version: '1.1' })).toMatchObject({
      model_parameters: { node_info: { '/model.0/act/Mul': { ON: 'BPU', OutputType: 'int16' } } },
      calibration_parameters: { optimization: 'set_Conv_input_int16;bias_correction' },
      compiler_parameters: {
        compile_mode: 'balance',
        balance_factor: 20,
        optimize_level: 'O1',
        debug: true,
        jobs: 2,
      },
    });
    expect(readFileSync(join(output, `${name}_modified.yaml`), 'utf8')).toMatch(
      /^# compiled for bayes-e at O1, balance 20, int16 for \/model\.0\/conv\/Conv \/model\.0\/act\/Mul, set_Conv_input_int16, bias_correction;/m,
    );
  });

  it('says that a model scales its input itself, and has it scaled no second time', async () => {
    mkdirSync(output);
    const divided = withDivision(demoModel, output);
    const line = ['model', 'compile', divided, '--images', pictures, '-o', output, '--calib-count', '2'];
    const { status, stderr } = await runCli([...line, '--toolchain', toolchain], { STANDIN: '' });
    expect(stderr).toContain('the model takes 0..255 and scales that itself (Div scaled)');
    expect(status).toBe(0);
    const path = join(output, 'changed_bayese_320x320_nv12_modified');
    expect(readFileSync(`${path}.yaml`, 'utf8')).toContain('# the model takes 0..255 and scales that itself');
    const { config } = JSON.parse(readFileSync(`${path}.bin`, 'utf8'));
    expect(parse(config).input_parameters).toMatchObject({ norm_type: 'no_preprocess' });
    expect(parse(config).input_parameters).not.toHaveProperty('scale_value');
  });

  const five = ['uno', 'dos', 'tres', 'cuatro', 'cinco'];
  it.each([
    ['changed.yaml', `path: x\nnc: 5\nnames: [${five.join(', ')}]\n`, five],
    ['changed.names', `${five.join('\n')}\n`, five],
    ['other.names', `${five.join('\n')}\n`, null],
  ])('takes class names from %s beside the model, or says how they would be', async (file, text, names) => {
    mkdirSync(output);
    const nameless = changedModel(demoModel, output, (model) => {
      model.metadataProps = model.metadataProps.filter(({ key }) => key !== 'names');
    });
    writeFileSync(join(output, file), text);
    const line = ['model', 'compile', nameless, '--images', pictures, '-o', output, '--calib-count', '2'];
    const { status, stdout, stderr } = await runCli([...line, '--toolchain', toolchain], { STANDIN: '' });
    expect(status).toBe(0);
    const path = join(output, 'changed_bayese_320x320_nv12_modified.yaml');
    const { classNames, classCount } = parseManifest(readFileSync(path, 'utf8'), path);
    expect(classNames).toEqual(names);
    if (names !== null) return;
    expect(classCount).toBe(5);
    expect(stdout).toContain('NO CLASS NAMES are known');
    expect(stderr).toMatch(
      /other\.names in the folder of the model: not read; .*class_names: other\.names into changed\.yaml/,
    );
  });

  it('hands on that heads are one-to-one, which no output of the compiled model tells', async () => {
    mkdirSync(output);
    const given = changedModel(demoModel, output, () => {});
    writeFileSync(given.replace('.onnx', '.yaml'), 'one_to_one: true\n');
    const line = ['model', 'compile', given, '--images', pictures, '-o', output, '--calib-count', '2'];
    const { status, stdout } = await runCli([...line, '--toolchain', toolchain], { STANDIN: '' });
    expect(status).toBe(0);
    const path = join(output, 'changed_bayese_320x320_nv12_modified.yaml');
    expect(parseManifest(readFileSync(path, 'utf8'), path).oneToOne).toBe(true);
    expect(stdout).toContain('NMS off by auto, one-to-one heads by what was given');
  });

  it('removes nothing where every head is to stay a float', async () => {
    const { status, stdout } = await compile('', ['--keep-float', 'box,coef,cls,proto']);
    expect(status).toBe(0);
    expect(stdout).toContain(`${name}.bin`);
    expect(readdirSync(output)).toContain(`${name}.bin`);
    expect(readdirSync(output)).not.toContain(`${name}_modified.bin`);
  });

  it('leaves no model beside the quantised graph of another one', async () => {
    await compile();
    const all = ['--keep-float', 'box,coef,cls,proto', '--optimize', 'O0'];
    expect((await compile('', all)).status).toBe(0);
    const models = () => readdirSync(output).filter((entry) => /\.(?:bin|yaml)$/.test(entry));
    expect(models()).toEqual([`${name}.bin`, `${name}.yaml`]);
    expect((await compile()).status).toBe(0);
    expect(models()).toEqual([`${name}_modified.bin`, `${name}_modified.yaml`]);
  });

  it('takes no model for another one whose name is not in plain letters either', async () => {
    mkdirSync(output);
    const model = (russian: string) => join(output, `${russian}.onnx`);
    const line = ['--images', pictures, '-o', output, '--calib-count', '2', '--toolchain', toolchain];
    for (const russian of ['модель', 'сеть']) copyFileSync(demoModel, model(russian));
    const first = await runCli(['model', 'compile', model('модель'), ...line], { STANDIN: '' });
    expect(first.status).toBe(0);
    const second = await runCli(['model', 'compile', model('сеть'), ...line], { STANDIN: '' });
    expect(second.stderr).toMatch(/model_bayese_320x320_nv12_modified\.bin exists already .* -o/);
    expect(second.status).toBe(2);
  });

  it('does not write over a manifest that somebody edited', async () => {
    await compile();
    const path = join(output, `${name}_modified.yaml`);
    writeFileSync(path, 'class_names: [a, b, c, d, e]\n');
    const { status, stderr } = await compile();
    expect(stderr).toMatch(/_modified\.yaml exists already and is not, or no more, what this command wrote/);
    expect(status).toBe(2);
    expect(readFileSync(path, 'utf8')).toContain('a, b');
    expect((await compile('', ['--force'])).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('ball');
  });
});

describe('what goes wrong is told, and the next call goes on from there', () => {
  it.each<[string, number, RegExp, readonly string[]]>([
    ['cpu', 2, /1 operator of the model would run on the CPU.*\n.*\/model\.22\/Odd/, allCalls],
    [
      'fail',
      1,
      /makertbin ended with 1: the run failed in the step "compile the model with march bayes-e": .*the grid is odd; log: .*logs\/hb_mapper_makertbin\.log;/,
      allCalls.slice(1),
    ],
    ['killed', 1, /was ended by SIGKILL, most often because memory ran out/, allCalls.slice(1)],
    ['no-bin', 1, /ended well but made no shapes_seg.*\.bin/, allCalls.slice(1)],
    ['skip', 1, /1 of 10 nodes not removed: .*; Node .* is not found/, allCalls.slice(2)],
    [
      'wrong-type',
      1,
      /output3 \(box8\): expected .* INT32 or INT16, found .* FLOAT; --keep-float box takes it as it is/,
      allCalls.slice(2),
    ],
  ])('%s', async (fault, expected, message, rest) => {
    const { status, stdout, stderr } = await compile(fault);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(leftovers()).toEqual([]);
    expect(readdirSync(output)).toEqual(['shapes-seg-320_nv12_work']);
    notes.take();
    expect((await compile()).status).toBe(0);
    expect(notes.take()).toEqual(rest);
  });

  it('Ctrl-C ends the tool with all it started, and leaves nothing half', async () => {
    let isSent = false;
    const { status, stderr } = await compile('hang', [], (all, processId) => {
      if (isSent || !all.includes('wait for ever')) return;
      isSent = true;
      process.kill(processId, 'SIGINT');
    });
    expect(stderr).toMatch(/rdk-yolo-seg: interrupted: interrupted by SIGINT/);
    expect(status).toBe(130);
    const noted = notes.take().join('\n');
    expect(isRunning(Number(/^child (\d+)$/m.exec(noted)?.[1]))).toBe(false);
    const temporary = /^temporary (.+)$/m.exec(noted)![1]!;
    expect(temporary).not.toBe(tmpdir());
    expect(existsSync(temporary)).toBe(false);
    expect(leftovers()).toEqual([]);
    expect((await compile()).status).toBe(0);
    expect(notes.take()).toEqual(allCalls.slice(1));
  });

  it('goes on after a process that was killed, but not beside one that works', async () => {
    mkdirSync(join(work, '.convert.unfinished-999999999'), { recursive: true });
    writeFileSync(join(work, 'lock'), '999999999');
    expect((await compile()).status).toBe(0);
    expect(leftovers()).toEqual([]);
    writeFileSync(join(work, 'lock'), String(process.pid));
    const { status, stderr } = await compile();
    expect(stderr).toContain(`process ${process.pid} works in`);
    expect(status).toBe(2);
  });
});

describe('bad input ends before any tool runs', () => {
  it('a folder without pictures', async () => {
    const empty = join(scratch, `empty ${runs}`);
    mkdirSync(empty);
    const { status, stderr } = await compile('', ['--images', empty]);
    expect(stderr).toMatch(/no picture among the 0 entries/);
    expect({ status, calls: notes.take() }).toEqual({ status: 2, calls: [] });
    expect(existsSync(output)).toBe(false);
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    ['absent', (folder) => rmSync(folder, { recursive: true }), /is not in .*install it.*toolchain install/],
    [
      'broken',
      (folder) => rmSync(join(folder, 'bin', 'python')),
      /is broken: .*python does not run.*--force/,
    ],
    [
      'without a tool',
      (folder) => rmSync(join(folder, 'bin', 'hb_model_info')),
      /is broken: .* lacks hb_model_info/,
    ],
    [
      'of another version',
      (folder) =>
        rmSync(join(folder, 'lib/python3.10/site-packages/dgdk-1.0.0.dist-info'), { recursive: true }),
      /1 package not as pinned: dgdk missing, expected 1\.0\.0/,
    ],
  ])('a toolchain that is %s', async (_, spoil, message) => {
    const folder = makeToolchain(join(scratch, `spoilt ${runs}`));
    spoil(folder);
    const compiled = await compile('', ['--toolchain', folder]);
    expect(compiled.stderr).toMatch(message);
    expect({ status: compiled.status, calls: notes.take() }).toEqual({ status: 2, calls: [] });
    const told = await runCli(['model', 'toolchain', 'status', '--toolchain', folder], {});
    expect(told.status).toBe(1);
    expect(existsSync(output)).toBe(false);
  });

  it.each([
    [['--keep-float', 'box,masks'], /expected some of box,coef,cls,proto, or none/],
    [['--input', 'nchw', '--yuv-range', 'limited'], /--yuv-range limited goes with --input nv12/],
    [['--on-bpu', '/model.22/nothing'], /nodes that the model does not have/],
  ])('%s', async (args, message) => {
    const { status, stderr } = await compile('', args);
    expect(stderr).toMatch(message);
    expect({ status, calls: notes.take() }).toEqual({ status: 2, calls: [] });
  });
});
