import type { TensorSpec } from '../../core/tensor.js';
import { elementTypeOf, quantisationOf, quantiTypeNames } from '../../model/vendorTensor.js';
import type { BpuOutput } from '../../native/bpu.js';

/** An output of the vendor's library in the words of this package. Throws ModelContractError `model_output_type`. */
export function toTensorSpec(output: BpuOutput): TensorSpec {
  const { name, dims, strideBytes, quantizeAxis } = output;
  return {
    name,
    type: elementTypeOf(name, output.type),
    dims,
    strideBytes,
    quantisation: quantisationOf(quantiTypeNames[output.quantiType] ?? 'NONE', output, () => quantizeAxis),
  };
}
