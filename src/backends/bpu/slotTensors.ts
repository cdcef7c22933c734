import { elementBytes, type TensorData, type TensorSpec, type TensorView } from '../../core/tensor.js';
import type { SlotViews } from '../../native/bpu.js';

type ArrayClass = new (buffer: ArrayBuffer, offsetBytes: number, length: number) => TensorData;

const arrays: Readonly<Record<TensorSpec['type'], ArrayClass>> = {
  f32: Float32Array,
  s32: Int32Array,
  s16: Int16Array,
  s8: Int8Array,
};

/** Each slot's outputs as tensors over its memory, in place; made once per thread. */
export function tensorsOfSlots(
  slots: readonly SlotViews[],
  specs: readonly TensorSpec[],
): readonly (readonly TensorView[])[] {
  return slots.map(({ outputs }) =>
    specs.map((spec, index) => {
      const buffer = outputs[index]!;
      const ArrayOf = arrays[spec.type];
      return { spec, data: new ArrayOf(buffer, 0, Math.floor(buffer.byteLength / elementBytes[spec.type])) };
    }),
  );
}
