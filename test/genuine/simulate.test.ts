import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { preparePicture } from '#dist/backends/replay/picture.js';
import { inputHash, type Recording } from '#dist/backends/replay/recording.js';
import { readRecording } from '#dist/backends/replay/recordingFile.js';
import { venvRunner } from '#dist/toolchain/compile/venvRunner.js';
import { inspectToolchain } from '#dist/toolchain/install/toolchainFolder.js';
import { QuantisedRuntime } from '#dist/toolchain/simulate/quantisedRuntime.js';
import { sessionOptions } from '../contract/backendContract.js';
import { loadPicture, repoPath } from '../support/frames.js';
import { runCli } from '../unit/toolchain/compile/standInTools.js';
import { recordedTensors } from './recordedTensors.js';
import { runPython, toolchain } from './toolchain.js';

const { folder, name, bin } = inject('compiledDemo');
const scratch = mkdtempSync(join(tmpdir(), 'genuine-simulate-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const onBpu = fileURLToPath(new URL('simulate_on_bpu.py', import.meta.url));

describe('model simulate of the compiled demo model', () => {
  const replay = join(scratch, 'pictures.replay');
  let recording: Recording;

  beforeAll(async () => {
    const images = repoPath('test/fixtures/pictures');
    const line = ['model', 'simulate', bin, '--images', images, '--scale-filter', 'bilinear', '-o', replay];
    const { status, stderr } = await runCli(line, {});
    expect(stderr).toMatch(/picture 3: wide\.jpg/);
    expect(status).toBe(0);
    ({ recording } = readRecording(replay));
  });

  it('records integers with their scales: one for the prototypes, one per channel elsewhere', () => {
    const types = recording.outputs.map(({ type }) => type);
    expect(types).toEqual([...Array<string>(9).fill('s32'), 's16']);
    const scales = recording.outputs.map(({ quantisation }) =>
      quantisation.kind === 'scale' ? quantisation.quantScales.length : 0,
    );
    expect(scales).toEqual([32, 32, 32, 64, 64, 64, 5, 5, 5, 1]);
  });

  it("has every integer of the vendor's simulator of the BPU", async () => {
    const { widthPx, heightPx, bytes: nv12 } = await loadPicture(repoPath('test/fixtures/pictures/wide.jpg'));
    const size = { inputWidthPx: 320, inputHeightPx: 320 };
    const { preprocess } = sessionOptions('');
    const input = await preparePicture({ name: '', widthPx, heightPx, nv12 }, 'nv12', size, preprocess);
    const own = join(scratch, 'hbdk');
    mkdirSync(own);
    const picture = join(own, 'picture.yuv');
    writeFileSync(picture, new Uint8Array(input));
    runPython([onBpu, bin, join(folder, `${name}_quantized_model.onnx`), picture, '320x320', own]);
    for (const { spec, data } of recordedTensors(replay, recording, await inputHash(input))) {
      const simulated = readFileSync(join(own, spec.name));
      const expected = new Int32Array(simulated.buffer, simulated.byteOffset, simulated.length / 4);
      expect(expected.length, spec.name).toBe(data.length);
      expect(
        data.findIndex((value, at) => value !== expected[at]),
        spec.name,
      ).toBe(-1);
    }
  });

  it('can be asked by model info', async () => {
    const { status, stdout } = await runCli(['model', 'info', replay], {});
    expect(status).toBe(0);
    expect(stdout).toContain('cls s32, box s32, coef s32, proto s16');
    expect(stdout).toContain('this node can run it');
  });
});

/** Writes the arrays of an .npz as files of their bytes, and tells name, type and shape of each. */
const unpack = `
import json, numpy, sys
arrays = numpy.load(sys.argv[1])
for name in arrays.files: arrays[name].tofile(f"{sys.argv[2]}/{name}")
print(json.dumps([[name, arrays[name].dtype.name, arrays[name].shape] for name in arrays.files]))
`;

const data = join(process.env.RDK_YOLO_SEG_DATA ?? '', 'bpu');
const simulated = join(data, 'simulated_000000005001.npz');
const isThere = existsSync(simulated);
if (!isThere) console.log('skipped: RDK_YOLO_SEG_DATA not set (integers of YOLOv8n-seg)');

it.skipIf(!isThere)('the runtime gives every integer that hbdk-sim gave for YOLOv8n-seg', async () => {
  const own = join(scratch, 'arrays');
  mkdirSync(own);
  const arrays = JSON.parse(runPython(['-c', unpack, simulated, own])) as [string, string, number[]][];
  const outputs = arrays
    .filter(([one]) => one !== 'input_nv12')
    .map(([output, type, dims]) => {
      return { name: output, dims, type: type === 'int16' ? ('s16' as const) : ('s32' as const) };
    });
  const modelPath = join(data, 'quantized_model.onnx');
  const { signal } = new AbortController();
  const runner = venvRunner(await inspectToolchain(toolchain));
  const request = { runner, folder: own, modelPath, form: 'nv12', outputs, signal } as const;
  const runtime = await QuantisedRuntime.open(request);
  try {
    const input = readFileSync(join(own, 'input_nv12'));
    await runtime.run(new Uint8Array(input).buffer);
    for (const { spec, data: found } of runtime.borrowedOutputs) {
      const bytes = Buffer.from(found.buffer, found.byteOffset, found.byteLength);
      expect(`${spec.name} ${bytes.equals(readFileSync(join(own, spec.name)))}`).toBe(`${spec.name} true`);
    }
  } finally {
    await runtime.close();
  }
});
