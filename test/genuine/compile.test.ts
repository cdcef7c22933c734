import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { parseManifest } from '#dist/model/manifest.js';
import { runCli } from '../unit/toolchain/compile/standInTools.js';
import { runPython, toolchain } from './toolchain.js';

const { args, ended, folder, name, bin } = inject('compiledDemo');

/** Count, least and greatest scale of each output whose node the quantised graph has, as the vendor's Python reads it. */
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

it('the demo export becomes a model that the node can run', () => {
  const { status, stdout, stderr } = ended;
  expect(stderr).toMatch(/compile the model with march bayes-e 100 %/);
  expect(status).toBe(0);
  expect(stdout).toContain('this node can run it');
  expect(stdout).toMatch(
    /\d+ nodes on the BPU in 1 subgraph, 0 on the CPU \(.*\)\n {2}estimated: [\d.]+ frames\/s/,
  );
  expect(stdout).toMatch(/calibrated with \d+ pictures: modelwise search, (?:kl|max)[\w:.=,-]*\n/);
  expect(statSync(bin).size).toBeGreaterThan(500_000);
});

it('its manifest has the class names, the heads and how it was made', () => {
  const text = readFileSync(bin.replace('.bin', '.yaml'), 'utf8');
  const manifest = parseManifest(text, 'x.yaml');
  expect(manifest.classNames).toEqual(['ball', 'crate', 'cone', 'barrel', 'pallet']);
  expect(text).toContain('hb_mapper 1.24.3');
  expect(text).toContain('calibrated with 8 pictures');
  expect(text).toContain('classes:\n    - output6\n    - output7\n    - output8\n');
});

it('its ten Dequantize nodes are gone, as hb_model_info itself says', () => {
  runPython([join(toolchain, 'bin', 'hb_model_info'), bin], folder);
  const log = readFileSync(join(folder, 'hb_model_info.log'), 'utf8');
  const deleted = [...log.matchAll(/deleted nodes: (\S+)/g)].map(([, node]) => node);
  expect(deleted).toHaveLength(10);
  for (const node of deleted) expect(node).toMatch(/_HzDequantize$/);
  const types = /model output types *: (.*)/.exec(log)![1]!.matchAll(/DataType\.(\w+):/g);
  expect([...types].map(([, type]) => type)).toEqual([...Array<string>(9).fill('INT32'), 'INT16']);
  expect(log.slice(log.indexOf('--node--'))).not.toContain('Dequantize');
});

it('the summary tells the scales of the quantised graph', () => {
  const quantised = join(folder, `${name}_quantized_model.onnx`);
  const scales = JSON.parse(runPython(['-c', readScales, quantised])) as Record<
    string,
    [number, number, number]
  >;
  for (const [at, count] of [32, 32, 32, 64, 64, 64, 5, 5, 5].entries()) {
    const output = `output${at}`;
    const line = new RegExp(`${output} .* (\\d+) scales on axis 3: (\\S+) \\.\\. \\S+ \\.\\. (\\S+)\\n`);
    const [oracleCount, least, greatest] = scales[output]!;
    expect(oracleCount).toBe(count);
    expect(line.exec(ended.stdout)?.slice(1)).toEqual([
      String(count),
      least.toExponential(2),
      greatest.toExponential(2),
    ]);
  }
});

it('info lists the model on this machine', async () => {
  const { status, stdout } = await runCli(['model', 'info', bin], {});
  for (const head of ['output0 .* S32 +coef8', 'output5 .* S32 +box32', 'output6 .* S32 +cls8']) {
    expect(stdout).toMatch(new RegExp(`^ +out +${head}$`, 'm'));
  }
  expect(stdout).toMatch(/^ +out +output9 +\[1, 80, 80, 32\] +S16 +proto$/m);
  expect(stdout).toMatch(/classes: 5: ball, .*\nthis node can run it\n$/);
  expect(status).toBe(0);
});

it('the same command again runs no tool', async () => {
  const again = await runCli(args, {});
  expect(again.status).toBe(0);
  expect(again.stderr.match(/kept, took/g)).toHaveLength(5);
});
