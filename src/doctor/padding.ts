/** Whether outputs have room between their elements, and where those lie. */
import { createHash } from 'node:crypto';
import { packedStrideBytes, type TensorSpec } from '../core/tensor.js';
import { counted } from '../core/words.js';
import { type Check, ok } from './check.js';

/** `box8: rows of 12 bytes take 16`; null for an output without room between its elements. */
function describePadding({ name, dims, type, strideBytes }: TensorSpec): string | null {
  const packed = packedStrideBytes(dims, type);
  const axis = packed.findLastIndex((bytes, at) => dims[at]! > 1 && strideBytes[at] !== bytes);
  if (axis < 0) return null;
  return `${name}: ${packed[axis]} bytes along axis ${axis} take ${strideBytes[axis]}`;
}

/** Tells padded outputs; the node reads them all by their strides. */
export function checkPadding(outputs: readonly TensorSpec[]): Check {
  const padded = outputs.map(describePadding).filter((text) => text !== null);
  const found =
    padded.length === 0 ? `none of ${counted(outputs.length, 'output')} is padded` : padded.join('; ');
  return ok('model.padding', found, { padded: padded.length, outputs: outputs.length });
}

/** Calls `use` with each run of elements along the last axis. */
function eachRow(
  { dims, strideBytes }: TensorSpec,
  buffer: ArrayBuffer,
  use: (row: Uint8Array) => void,
): void {
  const last = dims.length - 1;
  const rowBytes = dims[last]! * strideBytes[last]!;
  const walk = (axis: number, offset: number): void => {
    if (axis === last) {
      use(new Uint8Array(buffer, offset, rowBytes));
      return;
    }
    for (let index = 0; index < dims[axis]!; index++) walk(axis + 1, offset + index * strideBytes[axis]!);
  };
  walk(0, 0);
}

/** Tells one result of a model from another: a hash of every element, without what lies between the rows. */
export function fingerprint(outputs: readonly ArrayBuffer[], specs: readonly TensorSpec[]): string {
  const hash = createHash('sha256');
  for (const [index, spec] of specs.entries()) eachRow(spec, outputs[index]!, (row) => hash.update(row));
  return hash.digest('hex').slice(0, 16);
}
