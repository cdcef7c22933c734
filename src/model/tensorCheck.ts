import { axisStrideBytes, elementBytes, type TensorSpec } from '../core/tensor.js';

/**
 * What makes a tensor unusable whatever it holds, as one sentence, or null: strides that are no multiple of
 * the element size or let elements overlap, integers without quantisation, scales of the wrong number.
 */
export function tensorFault(spec: TensorSpec): string | null {
  return strideFault(spec) ?? quantisationFault(spec);
}

function strideFault(spec: TensorSpec): string | null {
  const bytes = elementBytes[spec.type];
  if (spec.strideBytes.length !== spec.dims.length) {
    return `${spec.dims.length} dimensions but ${spec.strideBytes.length} strides`;
  }
  if (spec.dims.some((size) => !Number.isInteger(size) || size < 1))
    return 'a dimension is not a positive integer';
  // From the innermost axis outwards every stride must clear what the inner axes span.
  const axes = spec.dims.map((size, axis) => ({ size, strideBytes: axisStrideBytes(spec, axis) }));
  const inward = axes.filter(({ size }) => size > 1).sort((a, b) => a.strideBytes - b.strideBytes);
  let spanBytes = bytes;
  for (const { size, strideBytes } of inward) {
    const stride = `stride of ${strideBytes} bytes`;
    if (strideBytes % bytes !== 0) return `${stride} is no multiple of the ${bytes}-byte element`;
    if (strideBytes < spanBytes) return `${stride} overlaps the ${spanBytes} bytes inside it`;
    spanBytes = strideBytes * (size - 1) + spanBytes;
  }
  return axes.every(({ strideBytes }) => strideBytes % bytes === 0)
    ? null
    : `a stride is no multiple of ${bytes} bytes`;
}

function quantisationFault(spec: TensorSpec): string | null {
  const quantisation = spec.quantisation;
  if (quantisation.kind === 'none') {
    return spec.type === 'f32'
      ? null
      : `${spec.type} without scale or shift cannot be turned into real values`;
  }
  if (spec.type === 'f32') return null;
  const values = quantisation.kind === 'scale' ? quantisation.quantScales : quantisation.shifts;
  const channels = spec.dims[quantisation.axis];
  if (values.length !== 1 && values.length !== channels) {
    return `${values.length} scales; expected 1 or ${channels ?? 'as many as channels'} (axis ${quantisation.axis})`;
  }
  if (quantisation.kind === 'shift') return null;
  if (quantisation.quantScales.some((scale) => !(scale > 0 && scale < Number.POSITIVE_INFINITY))) {
    return 'a scale is not a positive number';
  }
  const zeroCount = quantisation.zeroPoints.length;
  return zeroCount <= 1 || zeroCount === channels
    ? null
    : `${zeroCount} zero points; expected 0, 1 or ${channels}`;
}

/** Bytes from the first element to the end of the last one; RangeError where axes lack a stride. */
export function spannedBytes(spec: TensorSpec): number {
  return spec.dims.reduce(
    (sum, size, axis) => sum + (size - 1) * axisStrideBytes(spec, axis),
    elementBytes[spec.type],
  );
}

/** True if every quantisation value is per tensor or lies along `axis`. */
export function quantisedAlong(spec: TensorSpec, axis: number): boolean {
  const quantisation = spec.quantisation;
  if (quantisation.kind === 'none' || spec.type === 'f32' || quantisation.axis === axis) return true;
  if (quantisation.kind === 'shift') return quantisation.shifts.length === 1;
  return quantisation.quantScales.length === 1 && quantisation.zeroPoints.length <= 1;
}
