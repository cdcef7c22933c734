/** Element types a head may have; names as the X5 toolchain prints them, in lower case. */
export const elementTypes = ['f32', 's32', 's16', 's8'] as const;

/** One of them. */
export type ElementType = (typeof elementTypes)[number];

/** The array that holds elements of a type. */
export const tensorArrays = { f32: Float32Array, s32: Int32Array, s16: Int16Array, s8: Int8Array } as const;

/** The elements of a tensor, as the runtime keeps them. */
export type TensorData = Float32Array | Int32Array | Int16Array | Int8Array;

/**
 * How integers become real values, always per element of `axis` or once for all.
 *
 * scale: real = (int - zeroPoint) * scale;  shift: real = int / 2^shift.
 */
export type Quantisation =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'scale';
      /** One value, or one per channel of `axis`. */
      readonly quantScales: Float32Array;
      /** Empty, one value, or one per channel. */
      readonly zeroPoints: Int32Array;
      readonly axis: number;
    }
  | { readonly kind: 'shift'; readonly shifts: Uint8Array; readonly axis: number };

/** Everything known of a tensor before there is data. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  /** Valid shape, outermost first, batch included. */
  readonly dims: readonly number[];
  /** Bytes between neighbours along each dimension; padded rows make it larger than the packed size. */
  readonly strideBytes: readonly number[];
  readonly quantisation: Quantisation;
}

/** A tensor's memory seen in place; `data[0]` is the first element. */
export interface TensorView {
  readonly spec: TensorSpec;
  readonly data: TensorData;
}

/** How much memory each type takes per value. */
export const elementBytes: Readonly<Record<ElementType, number>> = { f32: 4, s32: 4, s16: 2, s8: 1 };

/** Strides in bytes of a tensor without padding. */
export function packedStrideBytes(dims: readonly number[], type: ElementType): number[] {
  const strideBytes = new Array<number>(dims.length);
  let bytes = elementBytes[type];
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strideBytes[axis] = bytes;
    bytes *= dims[axis]!;
  }
  return strideBytes;
}

/** Elements along one axis; RangeError for an axis that the tensor lacks. */
export function axisSize({ name, dims }: TensorSpec, axis: number): number {
  const size = dims[axis];
  if (size === undefined) throw new RangeError(`${name} has ${dims.length} dimensions, none at ${axis}`);
  return size;
}

/** Bytes between neighbours along one axis; RangeError for an axis without a stride. */
export function axisStrideBytes({ name, strideBytes }: TensorSpec, axis: number): number {
  const bytes = strideBytes[axis];
  if (bytes === undefined) throw new RangeError(`${name} has ${strideBytes.length} strides, none at ${axis}`);
  return bytes;
}

/** True for shapes of four axes. */
export function isRank4<Size>(dims: readonly Size[]): dims is readonly [Size, Size, Size, Size] {
  return dims.length === 4;
}

/** A tensor without padding; of floats unless told otherwise. */
export function packedSpec(
  name: string,
  dims: readonly number[],
  type: ElementType = 'f32',
  quantisation: Quantisation = { kind: 'none' },
): TensorSpec {
  return { name, type, dims, strideBytes: packedStrideBytes(dims, type), quantisation };
}

/** `name [1, 80, 80, 64] s32` for messages and tables. */
export function describeTensor(spec: TensorSpec): string {
  return `${spec.name} [${spec.dims.join(', ')}] ${spec.type}`;
}
