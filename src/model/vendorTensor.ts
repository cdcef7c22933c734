import { ModelContractError } from '../core/errors.js';
import type { ElementType, Quantisation } from '../core/tensor.js';

/** Element types as the vendor's library and tools write them, of those that post-processing reads. */
const elementTypes: Readonly<Record<string, ElementType>> = { F32: 'f32', S32: 's32', S16: 's16', S8: 's8' };

/** The names of the vendor's hbDNNQuantiType, by their numbers. */
export const quantiTypeNames: readonly string[] = ['NONE', 'SHIFT', 'SCALE'];

/**
 * The element type of an output.
 *
 * @param type `F32` or `HB_DNN_TENSOR_TYPE_F32`. Throws ModelContractError `model_output_type` for others than those
 *   that post-processing reads.
 */
export function elementTypeOf(name: string, type: string): ElementType {
  const found = elementTypes[type.replace(/^HB_DNN_TENSOR_TYPE_/, '')];
  if (found !== undefined) return found;
  throw new ModelContractError(
    'model_output_type',
    `output ${name} is ${type}; expected one of ${Object.keys(elementTypes).join(', ')}`,
    { name, type },
  );
}

/** What the vendor's library and tools say of how integers become real values. */
export interface QuantiValues {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly shifts: readonly number[];
}

/**
 * The quantisation of an output, with as many values as are given: tensorCheck.ts judges them.
 *
 * @param typeName One of `quantiTypeNames`.
 * @param axisOf The axis along which so many values lie.
 */
export function quantisationOf(
  typeName: string,
  { scales, zeroPoints, shifts }: QuantiValues,
  axisOf: (count: number) => number,
): Quantisation {
  if (typeName === 'SCALE') {
    return {
      kind: 'scale',
      quantScales: Float32Array.from(scales),
      zeroPoints: Int32Array.from(zeroPoints),
      axis: axisOf(scales.length),
    };
  }
  if (typeName === 'SHIFT')
    return { kind: 'shift', shifts: Uint8Array.from(shifts), axis: axisOf(shifts.length) };
  return { kind: 'none' };
}
