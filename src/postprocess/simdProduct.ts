import type { TensorData } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import { type KernelMemory, loadKernel } from './wasmKernel.js';

/** Channels of a prototype that the kernel is made for: those of every YOLO with masks. */
const channels = 32;
const cellBytes = channels * 4;
/** Cells lie behind the factors in the kernel's memory, results behind the cells. */
const cellsAtBytes = channels * 8;

/**
 * multiplyCells.wat, assembled, in base64.
 *
 * @internal Exported for tests.
 */
export const productBytes =
  'AGFzbQEAAAABBwFgA39/fwADAgEABQMBAAEHGgIGbWVtb3J5AgANbXVsdGlwbHlDZWxscwAACsAFAb0FARN7QQD9AAQAIQZB' +
  'AP0ABBAhB0EA/QAEICEIQQD9AAQwIQlBAP0ABEAhCkEA/QAEUCELQQD9AARgIQxBAP0ABHAhDUEA/QAEgAEhDkEA/QAEkAEh' +
  'D0EA/QAEoAEhEEEA/QAEsAEhEUEA/QAEwAEhEkEA/QAE0AEhE0EA/QAE4AEhFEEA/QAE8AEhFQJAA0AgACABTg0BRAAAAAAA' +
  'AAAA/RQhBEQAAAAAAAAAAP0UIQUgAP0ABAAhAyAEIAYgA/1f/fIB/fABIQQgBSAHIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f' +
  '/fIB/fABIQUgAP0ABBAhAyAEIAggA/1f/fIB/fABIQQgBSAJIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0A' +
  'BCAhAyAEIAogA/1f/fIB/fABIQQgBSALIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABDAhAyAEIAwgA/1f' +
  '/fIB/fABIQQgBSANIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABEAhAyAEIA4gA/1f/fIB/fABIQQgBSAP' +
  'IAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABFAhAyAEIBAgA/1f/fIB/fABIQQgBSARIAMgA/0NCAkKCwwN' +
  'Dg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABGAhAyAEIBIgA/1f/fIB/fABIQQgBSATIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f' +
  '/fIB/fABIQUgAP0ABHAhAyAEIBQgA/1f/fIB/fABIQQgBSAVIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgBCAF' +
  '/fABIQQgAiAE/SEAIAT9IQGgOQMAIABBgAFqIQAgAkEIaiECDAALCws=';

/** What the module exports. */
interface Exports extends KernelMemory {
  readonly multiplyCells: (atBytes: number, endBytes: number, outBytes: number) => void;
}

const kernel = loadKernel<Exports>(productBytes);
const floats = new Float32Array(kernel?.memory.buffer ?? new ArrayBuffer(0));
const doubles = new Float64Array(kernel?.memory.buffer ?? new ArrayBuffer(0));
const mostCells = Math.floor((doubles.byteLength - cellsAtBytes) / (cellBytes + 8));

/**
 * Writes factors times prototypes of `widthCells` cells of each of the rows [y1, y2), from column x1, to `values`, packed, in
 * WebAssembly. False where prototypes are not packed cells of 32 float32, rows are longer than fits, or the CPU lacks the
 * instructions: then nothing is written.
 *
 * Sums are of float64, as MaskField's own, in another order: they differ in the last places of float64. A row is copied into the
 * kernel's memory first. It takes 0.31 of the arm64 instructions (docs/performance.md).
 */
export function multiplyFast(
  data: TensorData,
  { channelElems, cellElems, rowElems }: GridHead,
  factors: Float64Array,
  x1: number,
  y1: number,
  widthCells: number,
  y2: number,
  values: Float64Array,
): boolean {
  const fits = factors.length === channels && channelElems === 1 && cellElems === channels;
  if (kernel === null || !fits || widthCells > mostCells || !(data instanceof Float32Array)) return false;
  const endBytes = cellsAtBytes + widthCells * cellBytes;
  const out = doubles.subarray(endBytes / 8, endBytes / 8 + widthCells);
  doubles.set(factors);
  for (let y = y1; y < y2; y++) {
    const at = y * rowElems + x1 * channels;
    floats.set(data.subarray(at, at + widthCells * channels), cellsAtBytes / 4);
    kernel.multiplyCells(cellsAtBytes, endBytes, endBytes);
    values.set(out, (y - y1) * widthCells);
  }
  return true;
}
