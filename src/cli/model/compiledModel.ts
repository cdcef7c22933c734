import { resolveBpuHeads } from '../../backends/bpu/heads.js';
import { checkModelFile } from '../../backends/bpu/modelFile.js';
import { readManifest } from '../../backends/manifestFile.js';
import { toSessionOptions } from '../../config/options.js';
import { ParameterStore } from '../../config/store.js';
import { ConfigError, ModelContractError, type SegError } from '../../core/errors.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import { type BpuModel, closeBpuNow, openBpu } from '../../native/bpu.js';
import { infoOfLoadedModel } from '../../toolchain/info/libraryModelInfo.js';
import type { InfoModel } from '../../toolchain/info/modelInfoText.js';
import { type HeadReading, readingOf } from '../../toolchain/info/modelSummary.js';

/** The vendor's status for a sound model of another chip. */
const incompatibleModel = -6_000_014;

/** True for a file that is no model to the library, or a damaged one. */
function isUnloaded(error: unknown): error is SegError {
  if (!(error instanceof ModelContractError)) return false;
  const { call, status } = error.details;
  return call === 'hbDNNInitializeFromFiles' && status !== incompatibleModel;
}

/** A compiled model's tensors and what the node makes of them. */
export interface CompiledModel {
  readonly model: InfoModel;
  readonly reading: HeadReading;
}

/**
 * Asks the vendor's library for the tensors of a compiled model, runs it once, and reads its heads as the node does, with
 * the manifest beside it.
 *
 * Throws ConfigError `dnn_library` where there is no such library, `model_bin` where it does not load the file, and as
 * opening a BPU session does.
 *
 * @param dnnLibrary Path of libdnn.so; empty searches for it as the loader does.
 * @param modelName One of several models in the file; empty takes the only one.
 */
export function describeCompiledModel(path: string, dnnLibrary: string, modelName: string): CompiledModel {
  checkModelFile(path);
  const { bpu } = toSessionOptions(new ParameterStore().values, path);
  let model: BpuModel;
  try {
    model = openBpu({
      libraryPath: dnnLibrary,
      modelPath: path,
      modelName,
      slotCount: 1,
      taskCount: 1,
      taskTimeoutMs: bpu.taskTimeoutMs,
      priority: bpu.priority,
    });
  } catch (error) {
    throw isUnloaded(error) ? new ConfigError('model_bin', error.message, { path }) : error;
  }
  try {
    return {
      model: infoOfLoadedModel(model),
      reading: readingOf(() => resolveBpuHeads(model, readManifest(path), null)),
    };
  } finally {
    closeBpuNow(model.id, stopLimitsMs.bpuNow);
  }
}
