import type { OnnxModel } from '../../backends/onnx/model.js';
import { ModelContractError } from '../../core/errors.js';
import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { guessMisfit } from './misfit.js';

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
    const cellCount = [8, 16, 32].reduce(
      (sum, step) => sum + (size.widthPx / step) * (size.heightPx / step),
      0,
    );
    const guess = guessMisfit(specs, cellCount);
    const what = `model ${path} is no segmentation model this package knows${guess === '' ? '' : `, ${guess}`}`;
    throw new ModelContractError(error.code, `${what}: ${error.message}`, { ...error.details, path });
  }
}
