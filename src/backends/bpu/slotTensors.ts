import { elementBytes, tensorArrays, type TensorSpec, type TensorView } from '../../core/tensor.js';
import type { SlotViews } from '../../native/bpu.js';

/** Each slot's outputs as tensors over its memory, in place; made once per thread. */
export function tensorsOfSlots(
  slots: readonly SlotViews[],
  specs: readonly TensorSpec[],
): readonly (readonly TensorView[])[] {
  return slots.map(({ outputs }) =>
    specs.map((spec, index) => {
      const buffer = outputs[index]!;
      const ArrayOf = tensorArrays[spec.type];
      return { spec, data: new ArrayOf(buffer, 0, Math.floor(buffer.byteLength / elementBytes[spec.type])) };
    }),
  );
}
