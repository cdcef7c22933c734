import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exportPath } from '../exports.js';
import { pictures, runCli } from './standInTools.js';

const toolchain = process.env.RDK_YOLO_SEG_TOOLCHAIN;
const missing =
  toolchain === undefined ? 'RDK_YOLO_SEG_TOOLCHAIN is not the folder of an installed toolchain' : null;

const scratch = mkdtempSync(join(tmpdir(), 'genuine-settings-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Bits of the integers that each Conv of the quantised graph gives, as the vendor's Python reads them. */
const readBits = `
import json, sys, onnx
nodes = [node for node in onnx.load(sys.argv[1]).graph.node if node.op_type == "HzSQuantizedConv"]
print(json.dumps({node.name: one.i for node in nodes for one in node.attribute if one.name == "output_bit"}))
`;

describe(`settings in the vendor's own tools${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it.skipIf(missing !== null)('Softmax in int8 and a named node in int16', { timeout: 900_000 }, async () => {
    const model = exportPath('attention-3-classes-64x96-opset18');
    const node = '/down_8/Conv';
    const line = ['model', 'compile', model, '--images', pictures, '-o', scratch, '--calib-count', '2'];
    const zoo = ['--optimization', 'set_Softmax_input_int8,set_Softmax_output_int8', '--int16', node];
    const args = [...line, '--optimize-level', 'O0', '--jobs', '1', '--toolchain', toolchain!];
    const { status, stdout, stderr } = await runCli([...args, ...zoo], {});
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/nodes on the BPU in 1 subgraph, 0 on the CPU \(.*\d+ int16/);
    expect(stdout).not.toMatch(/was to be int16/);
    const folder = join(scratch, 'attention-3-classes-64x96-opset18_nv12_work/convert');
    const log = readFileSync(join(folder, 'hb_mapper_makertbin.log'), 'utf8');
    expect(log).toMatch(/The input of all Softmax nodes are set to : int8/);
    expect(log).toMatch(/The output of all Softmax nodes are set to : int8/);
    expect(log).toMatch(/The output of node \/down_8\/Conv are set to : int16/);
    expect(log).toMatch(/hbdk_pass_through_params: --O0 .*--jobs 1/);
    const quantised = join(
      scratch,
      'attention_3_classes_64x96_opset18_bayese_64x96_nv12_quantized_model.onnx',
    );
    const python = join(toolchain!, 'bin', 'python');
    const bits = execFileSync(python, ['-I', '-c', readBits, quantised], { encoding: 'utf8' });
    const bitsOf = JSON.parse(bits) as Record<string, number>;
    expect(bitsOf[node]).toBe(16);
    // Those before it, which give its input, are wider too, the rest is not.
    expect(Object.values(bitsOf).filter((one) => one === 8).length).toBeGreaterThan(10);
  });
});
