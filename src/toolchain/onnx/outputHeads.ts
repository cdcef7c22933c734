import { readManifest } from '../../backends/manifestFile.js';
import { type OnnxHeads, resolveOnnxHeads } from '../../backends/onnx/heads.js';
import type { OnnxModel } from '../../backends/onnx/model.js';
import { ModelContractError } from '../../core/errors.js';
import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';

/** Rows and prototype of an export, also of one that gives more, such as feature maps; null where that is not clear. */
function stockOutputs(model: OnnxModel): readonly TensorSpec[] | null {
  const { inputWidthPx, inputHeightPx } = model;
  const specs = model.borrowedOutputs.map(({ spec }) => spec);
  const cellCount = [8, 16, 32].reduce(
    (sum, step) => sum + (inputWidthPx / step) * (inputHeightPx / step),
    0,
  );
  const grid = `${inputHeightPx / 4},${inputWidthPx / 4}`;
  const rows = specs.filter(({ dims }) => dims.length === 3 && dims.includes(cellCount));
  const protos = specs.filter(({ dims }) => dims.length === 4 && dims.slice(2).join() === grid);
  return rows.length === 1 && protos.length === 1 ? [...rows, ...protos] : null;
}

/**
 * The heads among the outputs of an export that is to be cut, or raw heads as the node reads them. Throws ModelContractError
 * `heads` with what the model probably is.
 */
export function resolveExport(path: string, model: OnnxModel): ResolvedHeads {
  const outputs = stockOutputs(model);
  if (outputs === null) return resolveModel(path, model).heads;
  const size = { widthPx: model.inputWidthPx, heightPx: model.inputHeightPx };
  const { classNames, outputAliases: aliases } = model;
  return naming(path, () => resolveHeads(outputs, size, { classNames, aliases }));
}

/** What the model compiled from raw heads will lack; null if nothing. */
export function missingInCompiled(heads: ResolvedHeads): string | null {
  if (heads.kind !== 'split' || heads.classScores === 'logits') return null;
  return 'the class heads end in a Sigmoid, which a .bin does not tell: write `class_scores: probabilities` in the manifest beside it';
}

/** The heads as the node reads them, manifest included. Throws as `resolveOnnxHeads`, with the file's name. */
export function resolveModel(path: string, model: OnnxModel): OnnxHeads {
  return naming(path, () => resolveOnnxHeads(model, readManifest(path)));
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
