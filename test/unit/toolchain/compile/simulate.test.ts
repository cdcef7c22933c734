import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { framePath, readRecording } from '#dist/backends/replay/recordingFile.js';
import { CallNotes, demoModel, isRunning, makeToolchain, pictures, runCli } from './standInTools.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const scratch = mkdtempSync(join(tmpdir(), 'simulate-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const toolchain = makeToolchain(join(scratch, 'toolchain'));
const name = 'shapes_seg_320_bayese_320x320_nv12';
const model = join(scratch, 'out', `${name}_modified.bin`);
const two = join(scratch, 'two');
const notes = new CallNotes(join(scratch, 'calls'));
const env = { STANDIN_CALLS: notes.path };

let output = '';
let runs = 0;

const compile = (folder: string, args: readonly string[] = []) =>
  runCli(
    [
      ...['model', 'compile', demoModel, '--images', pictures, '-o', folder, '--calib-count', '2'],
      ...['--toolchain', toolchain, ...args],
    ],
    env,
  );

beforeAll(async () => {
  const [first = '', second = ''] = readdirSync(pictures);
  for (const picture of [first, second]) cpSync(join(pictures, picture), join(two, picture));
  expect((await compile(join(scratch, 'out'), ['--keep-float', 'cls'])).status).toBe(0);
});

beforeEach(() => {
  output = join(scratch, `run ${++runs}.replay`);
});

function simulate(
  fault = '',
  path = model,
  onStderr?: (all: string, processId: number) => void,
  args: readonly string[] = [],
) {
  const line = ['model', 'simulate', path, '--images', two, '-o', output, '--toolchain', toolchain];
  return runCli([...line, ...args], { ...env, STANDIN: fault }, onStderr);
}

it('records the integers and floats that the compiled model gives, with scales and class names', async () => {
  const { status, stdout } = await simulate();
  expect(stdout).toMatch(
    /run \d+\.replay: 2 frames and the grey one that a session of the BPU begins with, /,
  );
  expect(stdout).toContain(`-p model.path:='${output}'`);
  expect(status).toBe(0);
  const { recording } = readRecording(output);
  expect(recording).toMatchObject({ form: 'nv12', inputWidthPx: 320, model: `${name}_modified.bin` });
  expect(recording.classNames).toEqual(['ball', 'crate', 'cone', 'barrel', 'pallet']);
  const types = recording.outputs.map(({ type }) => type);
  expect(types.join(' ')).toBe('s32 s32 s32 s32 s32 s32 f32 f32 f32 s32');
  expect(recording.outputs[0]!.quantisation).toMatchObject({ kind: 'scale', axis: 3 });
  expect(recording.outputs[6]!.quantisation).toEqual({ kind: 'none' });
  // Pictures of 640x360 stand between bars of grey 114, which the input begins with.
  const frame = readFileSync(framePath(output, recording.frames[1]!.hash));
  expect([0, 4, 400].map((at) => frame.readInt32LE(at))).toEqual([114, 115, 114]);
  expect((await runCli(['model', 'info', output], {})).stdout).toContain('this node can run it');
});

it('records a model of RGB planes for the planes that the replay backend prepares', async () => {
  const planar = join(scratch, 'planar');
  expect((await compile(planar, ['--input', 'nchw'])).status).toBe(0);
  const { status, stdout } = await simulate('', join(planar, `${name.replace('nv12', 'nchw')}_modified.bin`));
  expect(stdout).toMatch(/run \d+\.replay: 2 frames, /);
  expect(status).toBe(0);
  const { recording } = readRecording(output);
  expect(recording).toMatchObject({ form: 'rgb', inputWidthPx: 320, inputHeightPx: 320 });
  const frame = readFileSync(framePath(output, recording.frames[0]!.hash));
  expect([0, 4, 400].map((at) => frame.readInt32LE(at))).toEqual([114, 115, 114]);
});

it.each<[string, string, number, RegExp]>([
  ['an answer that is a fault', 'fault', 1, /runtime failed: RuntimeError: odd/],
  ['a runtime that dies', 'dies', 1, /gave no answer, ended with 1: MemoryError: no room/],
  [
    'the quantised form of another model',
    'other',
    2,
    /output output0 is \[1, 40, 40, 31\]; expected \[1, 40, 40, 32\]/,
  ],
])('%s leaves nothing', async (_, fault, expected, message) => {
  const { status, stderr } = await simulate(fault);
  expect(stderr).toMatch(message);
  expect(status).toBe(expected);
  expect(readdirSync(scratch).filter((entry) => entry.includes(`run ${runs}`))).toEqual([]);
});

it('Ctrl-C ends the runtime with all it started, and leaves nothing', async () => {
  notes.take();
  let isSent = false;
  const { status } = await simulate('hang', model, (all, processId) => {
    if (isSent || !all.includes('picture 1')) return;
    isSent = true;
    const timer = setInterval(() => {
      if (!readFileSync(notes.path, 'utf8').includes('temporary')) return;
      clearInterval(timer);
      process.kill(processId, 'SIGINT');
    }, 20);
  });
  expect(status).toBe(130);
  const noted = notes.take().join('\n');
  expect(isRunning(Number(/^child (\d+)$/m.exec(noted)?.[1]))).toBe(false);
  expect(existsSync(/^temporary (.+)$/m.exec(noted)![1]!)).toBe(false);
  expect(readdirSync(scratch).filter((entry) => entry.includes(`run ${runs}`))).toEqual([]);
});

it('refuses what it cannot simulate by name', async () => {
  const nowhere = await simulate('', join(scratch, 'no.bin'));
  expect(nowhere.stderr).toMatch(/no_quantized_model\.onnx is not there: `model compile` writes/);
  const noModel = await simulate('', demoModel);
  expect(noModel.stderr).toMatch(/shapes-seg-320\.onnx is no name of a compiled model, NAME\.bin/);
  notes.take();
  output = join(scratch, 'recording');
  const misnamed = await simulate();
  expect(misnamed.stderr).toMatch(/recording is no name of a recording; expected NAME\.replay/);
  expect([misnamed.status, notes.take()]).toEqual([2, []]);
  output = join(scratch, 'odd.replay');
  const odd = await simulate('yuv444');
  expect(odd.stderr).toMatch(/takes yuv444; pictures are simulated as rgb or nv12 only/);
  expect([nowhere.status, noModel.status, odd.status]).toEqual([2, 2, 2]);
});
