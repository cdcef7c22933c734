import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import { openSession, openSessionSync } from '#dist/backends/registry.js';
import { readRecording } from '#dist/backends/replay/recordingFile.js';
import type { BenchReport } from '#dist/bench/report.js';
import type { BackendSession } from '#dist/core/ports.js';
import type { ModelSummary } from '#dist/toolchain/info/modelSummary.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { describeBackend, sessionOptions } from './backendContract.js';
import { writeFakeModel } from '../../tools/fakednn/record.mjs';
import { fakednnLibrary } from '../support/fakednn.js';
import { leaseOf, loadPicture, type Nv12Picture, plainPicture, repoPath } from '../support/frames.js';
import { record } from './recordings.js';

// fakednn answers from tensors that are recorded here: hashes depend on the CPU. It
// aborts at the first use of the library that the board would not forgive.
process.env.RDK_FAKEDNN_STRICT = '1';
const folder = mkdtempSync(join(tmpdir(), 'bpu-'));
const shapes = (name: string) => loadPicture(repoPath(`test/fixtures/pictures/${name}.jpg`));
/** What becomes of a plain picture whose bytes, chroma too, were all overwritten by 77. */
const overwritten: Nv12Picture = { ...plainPicture(640, 360), bytes: new Uint8Array(640 * 540).fill(77) };
const models = [
  {
    onnx: repoPath('assets/models/shapes-seg-320.onnx'),
    recording: join(folder, 'small.replay'),
    sizePx: 320,
  },
  { onnx: repoPath('assets/models/shapes-seg.onnx'), recording: join(folder, 'large.replay'), sizePx: 640 },
] as const;
const [small, large] = [join(folder, 'small.bin'), join(folder, 'large.bin')];

beforeAll(async () => {
  const pictures = await Promise.all(['wide', 'portrait', 'hd'].map(shapes));
  const all = [...pictures, plainPicture(640, 360), overwritten];
  for (const { onnx, recording } of models) await record(onnx, recording, all, { form: 'nv12' });
  await writeFakeModel(small);
  await writeFakeModel(large);
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const options = (path: string, postprocessWorkers: number) => ({
  ...sessionOptions(path),
  bpu: { dnnLibrary: fakednnLibrary, modelName: '', taskTimeoutMs: 5000, priority: 0 },
  postprocessWorkers,
});

for (const postprocessWorkers of [0, 2]) {
  describe(`${postprocessWorkers} workers`, () => {
    describeBackend<BpuSession>({
      name: 'bpu',
      models: [
        { path: small, sizePx: 320 },
        { path: large, sizePx: 640 },
      ],
      leastInferMs: 0,
      open: (changes) =>
        openBpuSession({ ...options(changes.modelPath, postprocessWorkers), classNames: changes.classNames }),
      inputsInUse: (session) => session.slotsInUse,
    });
  });
}

async function detect(session: BackendSession, picture: Nv12Picture) {
  const frame = leaseOf(picture);
  const prepared = await session.prepare(frame, null);
  frame.close();
  return session.run(prepared, defaultOptions);
}

it('bpu: gives the very instances of the recording its library answers from', async () => {
  const picture = await shapes('wide');
  const bpu = await openSession('auto', options(small, 1));
  const replay = openSessionSync('auto', sessionOptions(models[0].recording));
  const expected = await detect(replay, picture);
  expect(expected.instances.count).toBeGreaterThanOrEqual(5);
  expect((await detect(bpu, picture)).instances).toEqual(expected.instances);
  expect(bpu.model.outputs).toEqual(replay.model.outputs);
  expect(bpu.model.classNames).toEqual(replay.model.classNames);
  await Promise.all([bpu.close(), replay.close()]);
});

it('bpu: of files prepares three frames beside the tasks, so that the BPU never waits, and of a camera one', async () => {
  const [young, many] = [
    await openBpuSession(options(small, 1)),
    await openBpuSession({ ...options(small, 1), aim: 'rate' }),
  ];
  const tasks = young.inferencesInFlight;
  expect([young, many].map(({ inputsInFlight }) => inputsInFlight - tasks)).toEqual([1, 3]);
  const frames = Array.from({ length: many.framesInFlight }, () => leaseOf(plainPicture(640, 360)));
  const prepared = await Promise.all(frames.map((frame) => many.prepare(frame, null)));
  for (const frame of frames) frame.close();
  const results = await Promise.all(prepared.map((one) => many.run(one, defaultOptions)));
  expect(results.map(({ instances }) => instances.count)).toEqual(frames.map(() => 0));
  expect(many.slotsInUse).toBe(0);
  await Promise.all([young.close(), many.close()]);
});

function command(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(repoPath('bin/rdk-yolo-seg'), args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('bpu: model info asks the library for the tensors of a compiled model', () => {
  const info = command('model', 'info', large, '--dnn-library', fakednnLibrary, '--json');
  expect(info).toMatchObject({ status: 0, stderr: '' });
  const [model] = (JSON.parse(info.stdout) as { models: [ModelSummary] }).models;
  const { outputs } = readRecording(models[1].recording).recording;
  expect(model).toMatchObject({ name: 'large', obstacle: null, inputs: [{ dims: [1, 3, 640, 640] }] });
  expect(model.outputs.map(({ name, dims, strideBytes }) => ({ name, dims, strideBytes }))).toEqual(
    outputs.map(({ name, dims, strideBytes }) => ({ name, dims, strideBytes })),
  );
  expect(model.outputs.map(({ head }) => head)).not.toContain(null);
});

it('bpu: the bench measures a compiled model', () => {
  const json = join(folder, 'bench.json');
  const pictures = repoPath('test/fixtures/pictures');
  const measured = ['--tasks', '1,2', '--frames', '20', '--workers', '1', '--json', json];
  const prepared = ['--images', pictures, '--scale-filter', 'bilinear'];
  const bpu = ['--model', small, '--dnn-library', fakednnLibrary];
  const bench = command('bench', ...bpu, ...prepared, ...measured);
  expect(bench).toMatchObject({ status: 0, stderr: '' });
  const { backend, levels } = JSON.parse(readFileSync(json, 'utf8')) as BenchReport;
  expect(backend).toBe('bpu');
  expect(levels.map(({ tasksInFlight, frames }) => [tasksInFlight, frames])).toEqual([
    [1, 20],
    [2, 20],
  ]);
  expect(levels[0]!.instanceCount).toBeGreaterThan(20);
  expect(levels[1]!.instanceCount).toBe(levels[0]!.instanceCount);
});
