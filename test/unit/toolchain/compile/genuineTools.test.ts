import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRecording } from '#dist/backends/replay/recordingFile.js';
import { QuantisedRuntime } from '#dist/toolchain/simulate/quantisedRuntime.js';
import { parseManifest } from '#dist/model/manifest.js';
import { demoModel, pictures, runCli } from './standInTools.js';

const toolchain = process.env.RDK_YOLO_SEG_TOOLCHAIN;
const missing =
  toolchain === undefined ? 'RDK_YOLO_SEG_TOOLCHAIN is not the folder of an installed toolchain' : null;

const scratch = mkdtempSync(join(tmpdir(), 'genuine-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const name = 'shapes_seg_320_bayese_320x320_nv12';

/** Least and greatest scale of each output whose node the quantised graph has, as the vendor's Python reads it. */
const readScales = `
import json, sys, onnx
from onnx import numpy_helper
graph = onnx.load(sys.argv[1]).graph
values = {one.name: numpy_helper.to_array(one).ravel() for one in graph.initializer}
scales = {}
for node in graph.node:
    if node.op_type.endswith("Dequantize") and node.output[0] in {one.name for one in graph.output}:
        found = values[node.input[1]]
        scales[node.output[0]] = [len(found), float(found.min()), float(found.max())]
print(json.dumps(scales))
`;

/** Writes the arrays of an .npz as files of their bytes, and tells name, type and shape of each. */
const unpack = `
import json, numpy, sys
arrays = numpy.load(sys.argv[1])
for name in arrays.files: arrays[name].tofile(f"{sys.argv[2]}/{name}")
print(json.dumps([[name, arrays[name].dtype.name, arrays[name].shape] for name in arrays.files]))
`;

describe(`the vendor's own tools${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it.skipIf(missing !== null)(
    'make a model of the demo export that the node can run',
    { timeout: 900_000 },
    async () => {
      const line = ['model', 'compile', demoModel, '--images', pictures, '-o', scratch, '--calib-count', '4'];
      const args = [...line, '--optimize', 'O0', '--toolchain', toolchain!];
      const { status, stdout, stderr } = await runCli(args, {});
      expect(stderr).toMatch(/compile the model with march bayes-e 100 %/);
      expect(status).toBe(0);
      expect(stdout).toContain('this node can run it');
      expect(stdout).toMatch(
        /\d+ nodes on the BPU in one piece, 0 on the CPU\n {2}estimated: [\d.]+ frames\/s/,
      );
      expect(stdout).toMatch(/calibrated with 4 pictures: modelwise search, (?:kl|max)[\w:.=,-]*\n/);
      expect(statSync(join(scratch, `${name}_modified.bin`)).size).toBeGreaterThan(500_000);
      const manifest = readFileSync(join(scratch, `${name}_modified.yaml`), 'utf8');
      expect(parseManifest(manifest, 'x.yaml').classNames).toHaveLength(5);
      expect(manifest).toContain('hb_mapper 1.24.3');

      const quantised = join(
        scratch,
        'shapes-seg-320_nv12_work/convert',
        name,
        `${name}_quantized_model.onnx`,
      );
      const oracle = execFileSync(join(toolchain!, 'bin', 'python'), ['-c', readScales, quantised], {
        encoding: 'utf8',
      });
      const scales = JSON.parse(oracle) as Record<string, [number, number, number]>;
      for (const [at, count] of [32, 32, 32, 64, 64, 64, 5, 5, 5].entries()) {
        const output = `output${at}`;
        const found = new RegExp(
          `${output} .* (\\d+) scales on axis 3: (\\S+) \\.\\. \\S+ \\.\\. (\\S+)\\n`,
        ).exec(stdout);
        const [oracleCount, least, greatest] = scales[output]!;
        expect(oracleCount).toBe(count);
        expect(found?.slice(1)).toEqual([String(count), least.toExponential(2), greatest.toExponential(2)]);
      }

      const again = await runCli(args, {});
      expect(again.status).toBe(0);
      expect(again.stderr.match(/kept, took/g)).toHaveLength(5);

      const replay = join(scratch, 'demo.replay');
      const picture = join(scratch, 'picture');
      cpSync(join(pictures, readdirSync(pictures)[0]!), join(picture, 'first.jpg'));
      const bin = join(scratch, `${name}_modified.bin`);
      const told = await runCli(
        ['model', 'simulate', bin, '--images', picture, '-o', replay, '--toolchain', toolchain!],
        {},
      );
      expect(told.status).toBe(0);
      const types = readRecording(replay).recording.outputs.map(({ type }) => type);
      expect(types).toEqual([...Array<string>(9).fill('s32'), 's16']);
    },
  );

  const simulated = join(process.env.RDK_YOLO_SEG_DATA ?? '', 'bpu/simulated_000000005001.npz');
  const quantisedModel = join(process.env.RDK_YOLO_SEG_DATA ?? '', 'bpu/quantized_model.onnx');
  it.skipIf(missing !== null || !existsSync(simulated))(
    'their runtime gives every integer of the BPU simulator',
    { timeout: 300_000 },
    async () => {
      const folder = join(scratch, 'arrays');
      mkdirSync(folder);
      const python = join(toolchain!, 'bin', 'python');
      const text = execFileSync(python, ['-c', unpack, simulated, folder], { encoding: 'utf8' });
      const arrays = (JSON.parse(text) as [string, string, number[]][]).filter(
        ([one]) => one !== 'input_nv12',
      );
      const outputs = arrays.map(([output, type, dims]) => {
        return { name: output, dims, type: type === 'int16' ? ('s16' as const) : ('s32' as const) };
      });
      const signal = new AbortController().signal;
      const request = { toolchain: toolchain!, modelPath: quantisedModel, outputs, signal };
      const runtime = await QuantisedRuntime.open(request);
      try {
        const input = readFileSync(join(folder, 'input_nv12'));
        await runtime.run(new Uint8Array(input).buffer);
        for (const { spec, data } of runtime.borrowedOutputs) {
          const found = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
          expect(`${spec.name} ${found.equals(readFileSync(join(folder, spec.name)))}`).toBe(
            `${spec.name} true`,
          );
        }
      } finally {
        await runtime.close();
      }
    },
  );
});
