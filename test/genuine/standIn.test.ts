import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import { preparePicture } from '#dist/backends/replay/picture.js';
import { inputHash } from '#dist/backends/replay/recording.js';
import { readRecording } from '#dist/backends/replay/recordingFile.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { resolveHeads } from '#dist/model/heads.js';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { venvRunner } from '#dist/toolchain/compile/venvRunner.js';
import { inspectToolchain } from '#dist/toolchain/install/toolchainFolder.js';
import { simulateModel } from '#dist/toolchain/simulate/simulateModel.js';
import { writeCompiledFakeModel } from '../../tools/fakednn/compiled.mjs';
import { describeBackend, sessionOptions } from '../contract/backendContract.js';
import { expectLikeOracle } from '../contract/oracleGaps.js';
import { type OracleCase, runOracle } from '../oracle/oracle.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { fakednnLibrary } from '../support/fakednn.js';
import { leaseOf, loadPicture, type Nv12Picture, plainPicture, repoPath } from '../support/frames.js';
import { recordedTensors } from './recordedTensors.js';
import { toolchain } from './toolchain.js';

// The stand-in aborts at the first use of the library that the board would not forgive.
process.env.RDK_FAKEDNN_STRICT = '1';
const { bin } = inject('compiledDemo');
const scratch = mkdtempSync(join(tmpdir(), 'genuine-stand-in-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const model = join(scratch, 'demo.bin');
const recordingPath = join(scratch, 'demo.replay');
const { preprocess } = sessionOptions(model);
const size = { inputWidthPx: 320, inputHeightPx: 320 };
const names = ['wide', 'portrait', 'hd'] as const;

let shown: Nv12Picture[] = [];
const asRecorded = ({ widthPx, heightPx, bytes }: Nv12Picture, index = 0) => {
  return { name: `picture ${index}`, widthPx, heightPx, nv12: bytes };
};

beforeAll(async () => {
  shown = await Promise.all(names.map((name) => loadPicture(repoPath(`test/fixtures/pictures/${name}.jpg`))));
  /** What becomes of a plain picture whose bytes, chroma too, were all overwritten by 77. */
  const overwritten: Nv12Picture = { ...plainPicture(640, 360), bytes: new Uint8Array(640 * 540).fill(77) };
  async function* pictures() {
    yield* [...shown, overwritten].map(asRecorded);
  }
  await simulateModel({
    modelPath: bin,
    output: recordingPath,
    preprocess,
    pictures: pictures(),
    makeRunner: async () => venvRunner(await inspectToolchain(toolchain)),
    signal: new AbortController().signal,
  });
  await writeCompiledFakeModel(bin, model, { toolchain });
});

const open = (postprocessWorkers: number, classNames: readonly string[] | null = null) =>
  openBpuSession({
    ...sessionOptions(model),
    classNames,
    postprocessWorkers,
    bpu: { dnnLibrary: fakednnLibrary, modelName: '', taskTimeoutMs: 5000, priority: 0 },
  });

for (const postprocessWorkers of [0, 2]) {
  describe(`the integers of the compiled demo model, ${postprocessWorkers} workers`, () => {
    describeBackend<BpuSession>({
      name: 'bpu',
      models: [{ path: model, sizePx: 320 }],
      // Activations have 8 bits, and the calibration set has 8 pictures; a pixel of the model is 4 of hd.jpg.
      tolerance: { score: 0.1, boxPx: 16, maskIou: 0.94 },
      leastInferMs: 0,
      open: ({ classNames }) => open(postprocessWorkers, classNames),
      inputsInUse: (session) => session.slotsInUse,
    });
  });
}

it('the stand-in writes five classes into the room of eight, as the compiled program does', async () => {
  const session = await open(0);
  const specs = session.model.outputs.map(({ name, strideBytes }) => [name, strideBytes]);
  expect(specs.slice(6)).toEqual([
    ['output6', [51200, 1280, 32, 4]],
    ['output7', [12800, 640, 32, 4]],
    ['output8', [3200, 320, 32, 4]],
    ['output9', [409600, 5120, 64, 2]],
  ]);
  await session.close();
});

it('what the node finds is what numpy makes of the same integers', async () => {
  const { recording } = readRecording(recordingPath);
  const heads = resolveHeads(recording.outputs, { widthPx: 320, heightPx: 320 }, {});
  const cases: OracleCase[] = [];
  for (const picture of shown) {
    const hash = await inputHash(await preparePicture(asRecorded(picture), 'nv12', size, preprocess));
    const tensors = recordedTensors(recordingPath, recording, hash);
    const geometry = solveLetterbox(picture.widthPx, picture.heightPx, 320, 320);
    cases.push({ heads, tensors, geometry, options: defaultOptions, ...defaultLimits });
  }
  const expected = runOracle(cases);
  const session = await open(1);
  for (const [index, picture] of shown.entries()) {
    const frame = leaseOf(picture);
    const prepared = await session.prepare(frame, null);
    frame.close();
    const result = await session.run(prepared, defaultOptions);
    expect(result.candidateCount, names[index]).toBe(expected[index]!.candidateCount);
    expectLikeOracle(result.instances, expected[index]!.detections, names[index]);
    expect(result.instances.count, names[index]).toBeGreaterThan(2);
  }
  await session.close();
});
