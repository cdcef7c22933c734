import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { readManifest } from '../../backends/manifestFile.js';
import type { Nv12Picture } from '../../backends/replay/picture.js';
import { type RecordSummary, recordTensors } from '../../backends/replay/recordTensors.js';
import { ConfigError, SegError } from '../../core/errors.js';
import type { PreprocessOptions } from '../../core/ports.js';
import type { ElementType } from '../../core/tensor.js';
import { venvRunner } from '../compile/venvRunner.js';
import { type GraphInfo, readGraphInfo } from '../info/graphInfo.js';
import type { ToolchainState } from '../install/toolchainFolder.js';
import { QuantisedRuntime } from './quantisedRuntime.js';

/** A compiled model, and the pictures that it is to answer for. */
export interface SimulateRequest {
  /** `NAME.bin` or `NAME_modified.bin`. */
  readonly modelPath: string;
  /** The recording to make, `NAME.replay`. */
  readonly output: string;
  readonly preprocess: PreprocessOptions;
  readonly pictures: AsyncIterable<Nv12Picture>;
  readonly toolchain: ToolchainState;
  readonly signal: AbortSignal;
}

/** The quantised model that the vendor's compiler leaves beside NAME.bin. Throws ConfigError `simulate` if it is not there. */
export function quantisedPathOf(modelPath: string): string {
  const path = modelPath.replace(/(?:_modified)?\.bin$/, '_quantized_model.onnx');
  if (path !== modelPath && existsSync(path)) return path;
  const what =
    path === modelPath ? `${modelPath} is no name of a compiled model, NAME.bin` : `${path} is not there`;
  const remedy =
    '`model compile` writes the quantised model beside the compiled one, hb_mapper into its output folder';
  throw new ConfigError('simulate', `${what}: ${remedy}`, { modelPath });
}

const types: Readonly<Record<string, ElementType>> = {
  FLOAT: 'f32',
  INT32: 's32',
  INT16: 's16',
  INT8: 's8',
};

/** What hb_model_info says of the compiled model. */
async function graphInfoOf({ modelPath, toolchain, signal }: SimulateRequest): Promise<GraphInfo> {
  const folder = await mkdtemp(join(tmpdir(), 'rdk-yolo-seg-'));
  try {
    let text = '';
    const end = await venvRunner(toolchain).run({
      tool: 'hb_model_info',
      args: [resolve(modelPath)],
      cwd: folder,
      signal,
      onText: (more) => {
        text += more;
      },
    });
    signal.throwIfAborted();
    if (end.exitCode !== 0) {
      const last = text.trim().split('\n').at(-1) ?? '';
      throw new SegError('simulate', `hb_model_info cannot read ${modelPath}: ${last}`, { modelPath });
    }
    return readGraphInfo(await readFile(join(folder, 'hb_model_info.log'), 'utf8'), modelPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Records what the compiled model gives on the BPU for pictures, integer by integer, from its quantised form in the vendor's
 * runtime.
 *
 * Throws ConfigError `simulate` for a model without its quantised form or for other inputs than NV12, SegError `simulate`
 * where the vendor's tools fail, and what `recordTensors` throws.
 */
export async function simulateModel(request: SimulateRequest): Promise<RecordSummary> {
  const { modelPath, output, preprocess, pictures, toolchain, signal } = request;
  const quantised = quantisedPathOf(modelPath);
  const manifest = readManifest(modelPath);
  const graph = await graphInfoOf(request);
  if (graph.inputForm !== 'nv12') {
    const found = graph.inputForm ?? 'nothing';
    throw new ConfigError('simulate', `${modelPath} takes ${found}; pictures are simulated as nv12 only`, {
      modelPath,
    });
  }
  const outputs = graph.outputs.map(({ name, dims, type }) => {
    const known = types[type];
    if (known === undefined) {
      const expected = Object.keys(types).join(', ');
      const what = `output ${name} of ${modelPath} is ${type}; expected one of ${expected}`;
      throw new ConfigError('simulate', what, { modelPath });
    }
    return { name, dims, type: known };
  });
  const runtime = await QuantisedRuntime.open({
    toolchain: toolchain.folder,
    modelPath: resolve(quantised),
    outputs,
    signal,
  });
  try {
    return await recordTensors({
      path: output,
      model: runtime,
      modelName: basename(modelPath),
      manifest,
      scales: runtime.scales,
      form: 'nv12',
      preprocess,
      pictures,
    });
  } finally {
    await runtime.close();
  }
}
