import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
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
    },
  );
});
