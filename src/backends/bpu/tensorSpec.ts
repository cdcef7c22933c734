import { ModelContractError } from '../../core/errors.js';
import type { ElementType, Quantisation, TensorSpec } from '../../core/tensor.js';
import type { BpuOutput } from '../../native/bpu.js';

const elementTypes: Readonly<Record<string, ElementType>> = { F32: 'f32', S32: 's32', S16: 's16', S8: 's8' };

/** Values of hbDNNQuantiType. */
const quantiShift = 1;
const quantiScale = 2;

/** An output of the vendor's library in the words of this package. Throws ModelContractError `model_output_type`. */
export function toTensorSpec(output: BpuOutput): TensorSpec {
  const type = elementTypes[output.type];
  if (type === undefined) {
    throw new ModelContractError(
      'model_output_type',
      `output ${output.name} is ${output.type}; expected one of ${Object.keys(elementTypes).join(', ')}`,
      { name: output.name, type: output.type },
    );
  }
  return {
    name: output.name,
    type,
    dims: output.dims,
    strideBytes: output.strideBytes,
    quantisation: quantisationOf(output),
  };
}

function quantisationOf(output: BpuOutput): Quantisation {
  const axis = output.quantizeAxis;
  if (output.quantiType === quantiScale) {
    return {
      kind: 'scale',
      quantScales: Float32Array.from(output.scales),
      zeroPoints: Int32Array.from(output.zeroPoints),
      axis,
    };
  }
  if (output.quantiType === quantiShift)
    return { kind: 'shift', shifts: Uint8Array.from(output.shifts), axis };
  return { kind: 'none' };
}
