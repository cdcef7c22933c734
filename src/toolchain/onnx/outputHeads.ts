import { type LoadedManifest, readManifest } from '../../backends/manifestFile.js';
import { type OnnxHeads, resolveOnnxHeads } from '../../backends/onnx/heads.js';
import type { OnnxModel } from '../../backends/onnx/model.js';
import { ModelContractError } from '../../core/errors.js';
import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { protoDownsampleOf, pyramidsOn } from '../../model/pyramid.js';

/** Rows and prototype of an export, also of one that gives more, such as feature maps; null where that is not clear. */
function stockOutputs(model: OnnxModel): readonly TensorSpec[] | null {
  const input = { widthPx: model.inputWidthPx, heightPx: model.inputHeightPx };
  const specs = model.borrowedOutputs.map(({ spec }) => spec);
  const pairs = pyramidsOn(input).map(({ downsamples, cellCount }) => {
    const downsample = protoDownsampleOf(downsamples);
    const grid = `${input.heightPx / downsample},${input.widthPx / downsample}`;
    const rows = specs.filter(({ dims }) => dims.length === 3 && dims.includes(cellCount));
    const protos = specs.filter(({ dims }) => dims.length === 4 && dims.slice(2).join() === grid);
    return rows.length === 1 && protos.length === 1 ? [...rows, ...protos] : null;
  });
  const found = pairs.filter((pair) => pair !== null);
  return found.length === 1 ? found[0]! : null;
}

/**
 * The heads among the outputs of an export that is to be cut, or raw heads as the node reads them, with the class names and
 * the count of the manifest beside it. Throws ModelContractError `heads` with what the model probably is.
 */
export function resolveExport(path: string, model: OnnxModel): ResolvedHeads {
  const outputs = stockOutputs(model);
  if (outputs === null) return resolveModel(path, model).heads;
  const size = { widthPx: model.inputWidthPx, heightPx: model.inputHeightPx };
  const { outputAliases: aliases } = model;
  // Outputs that the manifest names are those of raw heads.
  const { classNames, classCount } = readManifest(path);
  const hints = { classNames: classNames ?? model.classNames, classCount, aliases };
  return naming(path, () => resolveHeads(outputs, size, hints));
}

/** What the model compiled from raw heads will lack; null if nothing. */
export function missingInCompiled(heads: ResolvedHeads): string | null {
  if (heads.kind !== 'raw' || heads.classScores === 'logits') return null;
  return 'the class heads end in a Sigmoid, which a .bin does not tell: write `class_scores: probabilities` in the manifest beside it';
}

/**
 * The heads as the node reads them, with the manifest beside the file unless another is given. Throws as
 * `resolveOnnxHeads`, with the file's name.
 */
export function resolveModel(path: string, model: OnnxModel, manifest?: LoadedManifest): OnnxHeads {
  return naming(path, () => resolveOnnxHeads(model, manifest ?? readManifest(path)));
}

function naming<Result>(path: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof ModelContractError) || error.code !== 'heads') throw error;
    const what = `model ${path} is no segmentation model this package knows: ${error.message}`;
    throw new ModelContractError(error.code, what, { ...error.details, path }, error.cause);
  }
}
