import type { OnnxModel } from '../../backends/onnx/model.js';
import { ModelContractError } from '../../core/errors.js';
import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { guessMisfit } from './misfit.js';

/** Cells of the three levels. */
function cellCountOf({ inputWidthPx, inputHeightPx }: OnnxModel): number {
  return [8, 16, 32].reduce((sum, step) => sum + (inputWidthPx / step) * (inputHeightPx / step), 0);
}

/** Rows and prototype of an export that gives more, such as feature maps; all where that is not clear. */
export function stockOutputs(model: OnnxModel, specs: readonly TensorSpec[]): readonly TensorSpec[] {
  const { inputWidthPx, inputHeightPx } = model;
  const grid = `${inputHeightPx / 4},${inputWidthPx / 4}`;
  const rows = specs.filter(({ dims }) => dims.length === 3 && dims.includes(cellCountOf(model)));
  const protos = specs.filter(({ dims }) => dims.length === 4 && dims.slice(2).join() === grid);
  return rows.length === 1 && protos.length === 1 ? [...rows, ...protos] : specs;
}

/**
 * The heads among the outputs of an ONNX file. Throws ModelContractError `heads` with what the model probably is.
 */
export function resolveOutputs(path: string, model: OnnxModel, specs: readonly TensorSpec[]): ResolvedHeads {
  const size = { widthPx: model.inputWidthPx, heightPx: model.inputHeightPx };
  const { classNames } = model;
  try {
    return resolveHeads(specs, size, { classNames });
  } catch (error) {
    if (!(error instanceof ModelContractError)) throw error;
    const guess = guessMisfit(specs, cellCountOf(model));
    const what = `model ${path} is no segmentation model this package knows${guess === '' ? '' : `, ${guess}`}`;
    throw new ModelContractError(error.code, `${what}: ${error.message}`, { ...error.details, path });
  }
}
