import { elementBytes, tensorArrays, type TensorSpec, type TensorView } from '../../core/tensor.js';
import { spannedBytes } from '../../model/tensorCheck.js';

/**
 * Every output starts at a multiple of this in a frame file: the size of a cache line, which is enough for any
 * vector load.
 */
const alignmentBytes = 64;

/** Where the outputs of one input lie in their file, in the order of the outputs. */
export interface FrameLayout {
  readonly offsetsBytes: readonly number[];
  /** Exact size of a frame file, a multiple of 64. */
  readonly sizeBytes: number;
}

/** Puts every output behind the one before, at the next multiple of 64 bytes. Strides are kept as they are. */
export function frameLayout(outputs: readonly TensorSpec[]): FrameLayout {
  const offsetsBytes: number[] = [];
  let sizeBytes = 0;
  for (const spec of outputs) {
    offsetsBytes.push(sizeBytes);
    sizeBytes += Math.ceil(spannedBytes(spec) / alignmentBytes) * alignmentBytes;
  }
  return { offsetsBytes, sizeBytes };
}

/** The outputs seen in a buffer of `sizeBytes`; the specs must be free of faults (`tensorFault`). */
export function viewFrame(
  buffer: ArrayBuffer,
  outputs: readonly TensorSpec[],
  { offsetsBytes }: FrameLayout,
): TensorView[] {
  return outputs.map((spec, index) => {
    const elements = spannedBytes(spec) / elementBytes[spec.type];
    return { spec, data: new tensorArrays[spec.type](buffer, offsetsBytes[index], elements) };
  });
}
