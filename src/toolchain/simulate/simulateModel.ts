import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readManifest } from '../../backends/manifestFile.js';
import type { Nv12Picture } from '../../backends/replay/picture.js';
import { type RecordSummary, recordTensors } from '../../backends/replay/recordTensors.js';
import { ConfigError } from '../../core/errors.js';
import { inputForms } from '../../backends/session/inputForm.js';
import type { PreprocessOptions } from '../../core/ports.js';
import { inTemporaryFolder } from '../process/temporaryFolder.js';
import type { ToolRunner } from '../compile/toolRunner.js';
import { graphElementTypes } from '../info/graphInfo.js';
import { listGraph } from '../compile/listGraph.js';
import { QuantisedRuntime } from './quantisedRuntime.js';
import { prefixOf, quantisedName } from '../text/vendorFiles.js';

/** A compiled model, and the pictures that it is to answer for. */
export interface SimulateRequest {
  /** `NAME.bin` or `NAME_modified.bin`. */
  readonly modelPath: string;
  /** The recording to make, `NAME.replay`. */
  readonly output: string;
  readonly preprocess: PreprocessOptions;
  readonly pictures: AsyncIterable<Nv12Picture>;
  /** The way of running the tools; they see no more than the folder. */
  readonly makeRunner: (folder: string) => Promise<ToolRunner>;
  readonly signal: AbortSignal;
}

/** The quantised model that the vendor's compiler leaves beside NAME.bin. Throws ConfigError `simulate` if it is not there. */
export function quantisedPathOf(modelPath: string): string {
  const prefix = prefixOf(modelPath);
  const path = prefix === null ? null : quantisedName(prefix);
  if (path !== null && existsSync(path)) return path;
  const what =
    path === null ? `${modelPath} is no name of a compiled model, NAME.bin` : `${path} is not there`;
  const remedy =
    '`model compile` writes the quantised model beside the compiled one, hb_mapper into its output folder';
  throw new ConfigError('simulate', `${what}: ${remedy}`, { modelPath });
}

/**
 * Records what the compiled model gives on the BPU for pictures, integer by integer, from its quantised form in the vendor's
 * runtime.
 *
 * Throws ConfigError `simulate` for a model without its quantised form or for other inputs than NV12 and RGB planes, SegError
 * `simulate` where the vendor's tools fail, and what `recordTensors` throws.
 */
export function simulateModel(request: SimulateRequest): Promise<RecordSummary> {
  return inTemporaryFolder((folder) => simulateIn(folder, request));
}

async function simulateIn(folder: string, request: SimulateRequest): Promise<RecordSummary> {
  const { modelPath, output, preprocess, pictures, signal } = request;
  const quantised = quantisedPathOf(modelPath);
  const manifest = readManifest(modelPath);
  const runner = await request.makeRunner(folder);
  const graph = await listGraph({ modelPath, runner, folder, signal });
  const form = inputForms.find((one) => one === graph.inputForm);
  if (form === undefined) {
    const found = graph.inputForm ?? 'nothing';
    const what = `${modelPath} takes ${found}; pictures are simulated as ${inputForms.join(' or ')} only`;
    throw new ConfigError('simulate', what, { modelPath });
  }
  const outputs = graph.outputs.map(({ name, dims, type }) => {
    const known = graphElementTypes[type];
    if (known === undefined) {
      const expected = Object.keys(graphElementTypes).join(', ');
      const what = `output ${name} of ${modelPath} is ${type}; expected one of ${expected}`;
      throw new ConfigError('simulate', what, { modelPath });
    }
    return { name, dims, type: known };
  });
  const runtime = await QuantisedRuntime.open({
    runner,
    folder,
    modelPath: quantised,
    form,
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
      form,
      preprocess,
      pictures,
    });
  } finally {
    await runtime.close();
  }
}
