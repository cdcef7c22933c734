import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ParameterStore } from '#dist/config/store.js';
import { packedSpec } from '#dist/core/tensor.js';
import type { DoctorReport } from '#dist/doctor/report.js';
import { runProbe } from '#dist/doctor/runProbe.js';
import { fakednnMagic, renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';
import { Fakednn, fakednnLibrary } from '../support/fakednn.js';
import { repoPath } from '../support/frames.js';
import { checkOf, outcomesOf } from '../support/madeMachine.js';

const fakednn = new Fakednn();
const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => {
  fakednn.remove();
  rmSync(folder, { recursive: true });
});

interface Ending {
  readonly status: number | null;
  readonly stderr: string;
  readonly report: DoctorReport;
}

/** Runs the command without any ROS around it. */
function doctor(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  main = repoPath('dist/cli/main.js'),
): Ending {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'doctor', '--json', ...args], {
    encoding: 'utf8',
    env: { PATH, HOME, ...env },
    timeout: 90_000,
  });
  return { status, stderr, report: JSON.parse(stdout) as DoctorReport };
}

const onBpu = (model: string, faults = '') =>
  doctor(['--model', model, '--dnn-library', fakednnLibrary], { RDK_FAKEDNN_FAULTS: faults });

const slow = 'core_ms: 30';

describe('rdk-yolo-seg doctor', { timeout: 120_000 }, () => {
  it('finds nothing wrong with a model on the stand-in, and works without ROS', () => {
    const { status, stderr, report } = onBpu(fakednn.model('core_ms: 30'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { checks } = report;
    const ofModel = checks.filter(({ id }) => /^(model|bpu\.(library|flush|release)|postprocess)/.test(id));
    expect(outcomesOf(ofModel)).toEqual({
      'bpu.library': 'ok',
      'model.load': 'ok',
      'model.input': 'ok',
      'model.outputs': 'ok',
      'model.heads': 'ok',
      'model.padding': 'ok',
      'model.inference': 'ok',
      'bpu.flush': 'ok',
      'model.rate': 'ok',
      'bpu.release': 'ok',
      'postprocess.time': 'ok',
      'postprocess.workers': 'ok',
    });
    expect(checkOf(checks, 'ros.distro').outcome).toBe('warning');
    expect(checkOf(checks, 'shm.loan')).toMatchObject({ outcome: 'not_applicable' });
    expect(checkOf(checks, 'bpu.library').details).toMatchObject({ path: fakednnLibrary });
    expect(checkOf(checks, 'model.input').found).toBe('NV12 64 x 64, 64 bytes a row, 6144 in all');
    expect(checkOf(checks, 'model.outputs').found).toContain('cls8   [1, 8, 8, 5]');
    expect(checkOf(checks, 'model.padding').found).toBe('none of 10 outputs is padded');
    const { inferMs } = checkOf(checks, 'model.inference').details;
    expect(inferMs).toBeGreaterThanOrEqual(29);
    const { rate } = checkOf(checks, 'model.rate').details;
    // The core has one task at a time.
    expect(rate).toBeLessThan(1000 / 29);
    expect(report).toMatchObject({ format: 1, backend: 'bpu', counts: { fault: 0 } });
  });

  it('tells padded outputs, scales and where they lie', () => {
    const sizes = [8, 16, 32].map((step) => [step, 64 / step] as const);
    const info = renderModelInfo('padded', { widthPx: 64, heightPx: 64 }, [
      ...sizes.flatMap(([step, side]) => [
        // Five classes of four bytes take the room of eight.
        {
          ...packedSpec(`cls${step}`, [1, side, side, 5]),
          strideBytes: [side * side * 32, side * 32, 32, 4],
          alignedDims: [1, side, side, 8],
        },
        {
          ...packedSpec(`box${step}`, [1, side, side, 64], 's32'),
          quantisation: {
            kind: 'scale' as const,
            quantScales: new Float32Array(64).fill(0.25),
            zeroPoints: new Int32Array(),
            axis: 3,
          },
        },
        packedSpec(`mc${step}`, [1, side, side, 32]),
      ]),
      packedSpec('proto', [1, 16, 16, 32]),
    ]);
    const model = join(folder, 'padded.bin');
    writeFileSync(model, fakednnMagic + info);
    writeFileSync(join(folder, 'padded.yaml'), 'class_scores: logits\n');
    const { checks } = onBpu(model).report;
    expect(checkOf(checks, 'model.padding')).toMatchObject({
      outcome: 'ok',
      found: [8, 16, 32].map((step) => `cls${step}: 20 bytes along axis 2 take 32`).join('; '),
      details: { padded: 3, outputs: 10 },
    });
    expect(checkOf(checks, 'model.outputs').found).toMatch(/box8 .* S32 .*64 scales on axis 3: 2\.50e-1/);
    // This model answers zeros to everything, which cannot be told from a flush without effect: both are named.
    expect(checkOf(checks, 'bpu.flush')).toMatchObject({
      outcome: 'fault',
      found: expect.stringMatching(/flushing the caches .* or this model answers every picture alike/),
    });
  });

  it('still tells the tensors of a model with an output that the node does not read', () => {
    const info = renderModelInfo('half', { widthPx: 64, heightPx: 64 }, [packedSpec('cls8', [1, 8, 8, 5])]);
    const model = join(folder, 'half.bin');
    writeFileSync(model, fakednnMagic + info.replace('TENSOR_TYPE_F32', 'TENSOR_TYPE_F16'));
    const { checks } = onBpu(model).report;
    expect(checkOf(checks, 'model.outputs').found).toContain('F16');
    for (const [id, outcome] of [
      ['model.heads', 'fault'],
      ['model.padding', 'not_applicable'],
    ] as const) {
      expect(checkOf(checks, id)).toMatchObject({ outcome, found: expect.stringContaining('F16') });
    }
  });

  it.each(['hbSysFlushMem.CLEAN', 'hbSysFlushMem.INVALIDATE'])(
    'finds that %s has no effect after the first inference',
    (call) => {
      // INVALIDATE comes once for each of the ten outputs.
      const from = call === 'hbSysFlushMem.CLEAN' ? 2 : 11;
      const { status, stderr, report } = onBpu(fakednn.model(), `${call} ${from}+ 0`);
      expect(status).toBe(1);
      expect(checkOf(report.checks, 'bpu.flush')).toMatchObject({
        outcome: 'fault',
        remedy: expect.stringContaining('--json'),
      });
      // It reads what the flush is to make readable: anything it said might be a false all-clear.
      expect(checkOf(report.checks, 'bpu.release')).toMatchObject({
        outcome: 'not_applicable',
        found: 'not reached: bpu.flush failed',
      });
      expect(stderr).toMatch(/doctor: .*bpu\.flush.*; the remedies are above/);
    },
  );

  it('tells a release that waits for its task from one that returns while the task runs', () => {
    const waits = checkOf(onBpu(fakednn.model(slow)).report.checks, 'bpu.release');
    expect(waits).toMatchObject({ outcome: 'ok', details: { verdict: 'waits', waiting: 12, changed: 0 } });
    const returns = onBpu(fakednn.model(slow), 'hbDNNReleaseTask 1+ 0').report.checks;
    expect(checkOf(returns, 'bpu.release')).toMatchObject({
      outcome: 'warning',
      found: expect.stringMatching(/^does not wait: .* outputs were still written to/),
      details: { verdict: 'does not wait' },
    });
  });

  it('names the step at which the BPU fails, and what was not reached', () => {
    const { status, report } = onBpu(fakednn.model(), 'hbDNNInfer 2 hang');
    expect(status).toBe(1);
    expect(checkOf(report.checks, 'model.load').outcome).toBe('ok');
    expect(checkOf(report.checks, 'model.inference')).toMatchObject({
      outcome: 'fault',
      found: expect.stringContaining('hbDNNWaitTaskDone: TIMEOUT (-6000008)'),
    });
    // What needs no such inference is told all the same.
    expect(outcomesOf(report.checks)).toMatchObject({
      'bpu.flush': 'not_applicable',
      'model.heads': 'ok',
      'model.rate': 'ok',
      'postprocess.time': 'ok',
      'bpu.release': 'not_applicable',
    });
    expect(checkOf(report.checks, 'bpu.flush').found).toBe('not reached: model.inference failed');
  });

  it.each([
    [
      'hbSysAllocCachedMem 1+ -6000130',
      'bpu_memory',
      /^the memory that the BPU uses may be short: end what else holds it/,
    ],
    ['hbDNNWaitTaskDone 1+ -6000011', 'bpu_dead', /^the BPU lost a task: restart the board/],
  ])('blames no model where the BPU fails: %s', (faults, code, remedy) => {
    const { report } = onBpu(fakednn.model(), faults);
    expect(checkOf(report.checks, 'model.load')).toMatchObject({
      outcome: 'fault',
      found: expect.stringMatching(new RegExp(`^${code}: `)),
      remedy: expect.stringMatching(remedy),
    });
  });

  it('says what is wrong with a model of another chip', () => {
    const { report } = onBpu(fakednn.model('march: bernoulli2'));
    expect(checkOf(report.checks, 'model.load')).toMatchObject({
      outcome: 'fault',
      found: expect.stringMatching(/INCOMPATIBLE_MODEL.*bayes-e/),
    });
  });

  it('says that a model is not there, and what to give', () => {
    const missing = join(folder, 'none.bin');
    expect(checkOf(onBpu(missing).report.checks, 'model.load')).toMatchObject({
      outcome: 'fault',
      found: expect.stringContaining('none.bin does not exist'),
      remedy: expect.stringContaining('--model FILE'),
    });
  });

  it('blames flushing, and not the export, for values that are none of the model', () => {
    const { checks } = onBpu(fakednn.model(), 'hbSysFlushMem.CLEAN 1+ 0').report;
    expect(checks.find(({ outcome }) => outcome === 'fault')?.id).toBe('bpu.flush');
    expect(checkOf(checks, 'model.heads')).toMatchObject({
      found: expect.stringContaining('as bpu.flush fails'),
      remedy: 'mend first what bpu.flush says',
    });
  });

  it('needs no pictures: a robot has none', () => {
    const robot = join(folder, 'robot');
    // Copied, as a link would lead back to where the pictures are.
    for (const part of ['dist', 'package.json'])
      cpSync(repoPath(part), join(robot, part), { recursive: true });
    for (const part of ['node_modules', 'native']) symlinkSync(repoPath(part), join(robot, part));
    const { status, report } = doctor(
      ['--model', fakednn.model(slow), '--dnn-library', fakednnLibrary],
      {},
      join(robot, 'dist/cli/main.js'),
    );
    expect(report.checks.filter(({ outcome }) => outcome === 'fault')).toEqual([]);
    expect(status).toBe(0);
    expect(checkOf(report.checks, 'bpu.flush').outcome).toBe('ok');
    expect(checkOf(report.checks, 'postprocess.workers').outcome).not.toBe('not_applicable');
    for (const command of ['bench', 'camera']) {
      const { stderr, status: ended } = spawnSync(
        process.execPath,
        [
          join(robot, 'dist/cli/main.js'),
          command,
          ...(command === 'bench' ? ['--model', fakednn.model()] : []),
        ],
        { encoding: 'utf8' },
      );
      expect({ ended, stderr }).toEqual({
        ended: 2,
        stderr: expect.stringMatching(/assets\/scenes.* does not exist.*package rdk-yolo-seg-onnx/),
      });
    }
  });

  it('says that there is no library, with the words of the loader', () => {
    const missing = join(folder, 'no-libdnn.so');
    const { status, report } = doctor(['--model', fakednn.model(), '--dnn-library', missing]);
    expect(status).toBe(1);
    expect(checkOf(report.checks, 'bpu.library')).toMatchObject({
      outcome: 'fault',
      found: expect.stringContaining(missing),
      remedy: expect.stringContaining('--dnn-library'),
    });
  });

  it('tries an ONNX model on the CPU, where nothing of the BPU applies', () => {
    const model = repoPath('assets/models/shapes-seg-320.onnx');
    const { status, report } = doctor(['--model', model]);
    expect(status).toBe(0);
    const { checks } = report;
    expect(checkOf(checks, 'model.load').found).toContain(model);
    expect(checkOf(checks, 'model.input').found).toBe('320 x 320');
    for (const id of ['bpu.library', 'bpu.flush', 'bpu.release', 'postprocess.time', 'postprocess.workers']) {
      expect(checkOf(checks, id)).toMatchObject({
        outcome: 'not_applicable',
        found: expect.stringContaining('onnx'),
      });
    }
  });

  it('warns on a board where the model does not use its BPU', async () => {
    const { checks } = await runProbe({
      request: {
        kind: 'model',
        backend: 'onnx',
        modelPath: repoPath('assets/models/shapes-seg-320.onnx'),
        values: new ParameterStore().values,
        isOnBoard: true,
      },
      stepLimitMs: 60_000,
      env: process.env,
      signal: new AbortController().signal,
    });
    expect(checkOf(checks, 'bpu.library')).toMatchObject({
      outcome: 'warning',
      found: expect.stringContaining('onnx'),
      remedy: expect.stringContaining('--model NAME.bin'),
    });
    expect(checks.filter(({ outcome }) => outcome === 'fault')).toEqual([]);
  });

  it('takes the model of a parameter file; a flag goes before it', () => {
    const file = join(folder, 'params.yaml');
    const model = fakednn.model();
    writeFileSync(
      file,
      `yolo_seg:\n  ros__parameters:\n    model.path: ${model}\n    backend: { dnn_library: ${fakednnLibrary} }\n`,
    );
    expect(doctor(['--params-file', file]).report).toMatchObject({ model, backend: 'bpu' });
    const other = repoPath('assets/models/shapes-seg-320.onnx');
    expect(doctor(['--params-file', file, '--model', other]).report).toMatchObject({
      model: other,
      backend: 'onnx',
    });
  });

  it.each([
    [['--backend', 'gpu'], /backend\.name/],
    [['--params-file', '/nowhere/params.yaml'], /params\.yaml/],
    [['--model', 'weights.pt'], /weights of PyTorch/],
  ])('refuses %j before anything is tried', (args, why) => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [repoPath('dist/cli/main.js'), 'doctor', ...args],
      { encoding: 'utf8' },
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(why);
    // Who asks for JSON gets it.
    const { status: told, report } = doctor(args);
    expect(told).toBe(2);
    expect(report).toMatchObject({ format: 1, counts: { fault: 1 } });
    expect(checkOf(report.checks, 'doctor.arguments').found).toMatch(why);
  });
});
