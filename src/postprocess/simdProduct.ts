import type { TensorData } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import { type KernelMemory, loadKernel } from './wasmKernel.js';

/** Channels of a prototype that the kernel is made for: those of every YOLO with masks. */
const channels = 32;
/** Cells lie behind the factors in the kernel's memory, results behind the cells. */
const cellsAtBytes = channels * 8;

/**
 * multiplyCells.wat, assembled, in base64.
 *
 * @internal Exported for tests.
 */
export const productBytes =
  'AGFzbQEAAAABBwFgA39/fwADAwIAAAUDAQABBysDBm1lbW9yeQIADW11bHRpcGx5Q2VsbHMAAA5tdWx0aXBseVNob3J0cwABCqcL' +
  'Ar0FARN7QQD9AAQAIQZBAP0ABBAhB0EA/QAEICEIQQD9AAQwIQlBAP0ABEAhCkEA/QAEUCELQQD9AARgIQxBAP0ABHAhDUEA/QAE' +
  'gAEhDkEA/QAEkAEhD0EA/QAEoAEhEEEA/QAEsAEhEUEA/QAEwAEhEkEA/QAE0AEhE0EA/QAE4AEhFEEA/QAE8AEhFQJAA0AgACAB' +
  'Tg0BRAAAAAAAAAAA/RQhBEQAAAAAAAAAAP0UIQUgAP0ABAAhAyAEIAYgA/1f/fIB/fABIQQgBSAHIAMgA/0NCAkKCwwNDg8AAQID' +
  'BAUGB/1f/fIB/fABIQUgAP0ABBAhAyAEIAggA/1f/fIB/fABIQQgBSAJIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUg' +
  'AP0ABCAhAyAEIAogA/1f/fIB/fABIQQgBSALIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABDAhAyAEIAwgA/1f' +
  '/fIB/fABIQQgBSANIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABEAhAyAEIA4gA/1f/fIB/fABIQQgBSAPIAMg' +
  'A/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgAP0ABFAhAyAEIBAgA/1f/fIB/fABIQQgBSARIAMgA/0NCAkKCwwNDg8AAQID' +
  'BAUGB/1f/fIB/fABIQUgAP0ABGAhAyAEIBIgA/1f/fIB/fABIQQgBSATIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUg' +
  'AP0ABHAhAyAEIBQgA/1f/fIB/fABIQQgBSAVIAMgA/0NCAkKCwwNDg8AAQIDBAUGB/1f/fIB/fABIQUgBCAF/fABIQQgAiAE/SEA' +
  'IAT9IQGgOQMAIABBgAFqIQAgAkEIaiECDAALCwvlBQEUe0EA/QAEACEHQQD9AAQQIQhBAP0ABCAhCUEA/QAEMCEKQQD9AARAIQtB' +
  'AP0ABFAhDEEA/QAEYCENQQD9AARwIQ5BAP0ABIABIQ9BAP0ABJABIRBBAP0ABKABIRFBAP0ABLABIRJBAP0ABMABIRNBAP0ABNAB' +
  'IRRBAP0ABOABIRVBAP0ABPABIRYCQANAIAAgAU4NAUQAAAAAAAAAAP0UIQVEAAAAAAAAAAD9FCEGIAD9AAQAIQMgA/2nASEEIAUg' +
  'ByAE/f4B/fIB/fABIQUgBiAIIAQgBP0NCAkKCwwNDg8AAQIDBAUGB/3+Af3yAf3wASEGIAP9qAEhBCAFIAkgBP3+Af3yAf3wASEF' +
  'IAYgCiAEIAT9DQgJCgsMDQ4PAAECAwQFBgf9/gH98gH98AEhBiAA/QAEECEDIAP9pwEhBCAFIAsgBP3+Af3yAf3wASEFIAYgDCAE' +
  'IAT9DQgJCgsMDQ4PAAECAwQFBgf9/gH98gH98AEhBiAD/agBIQQgBSANIAT9/gH98gH98AEhBSAGIA4gBCAE/Q0ICQoLDA0ODwAB' +
  'AgMEBQYH/f4B/fIB/fABIQYgAP0ABCAhAyAD/acBIQQgBSAPIAT9/gH98gH98AEhBSAGIBAgBCAE/Q0ICQoLDA0ODwABAgMEBQYH' +
  '/f4B/fIB/fABIQYgA/2oASEEIAUgESAE/f4B/fIB/fABIQUgBiASIAQgBP0NCAkKCwwNDg8AAQIDBAUGB/3+Af3yAf3wASEGIAD9' +
  'AAQwIQMgA/2nASEEIAUgEyAE/f4B/fIB/fABIQUgBiAUIAQgBP0NCAkKCwwNDg8AAQIDBAUGB/3+Af3yAf3wASEGIAP9qAEhBCAF' +
  'IBUgBP3+Af3yAf3wASEFIAYgFiAEIAT9DQgJCgsMDQ4PAAECAwQFBgf9/gH98gH98AEhBiAFIAb98AEhBSACIAX9IQAgBf0hAaA5' +
  'AwAgAEHAAGohACACQQhqIQIMAAsLCw==';

/** Reads the cells of the bytes [at, end) and writes their sums, from byte out on. */
type Multiply = (atBytes: number, endBytes: number, outBytes: number) => void;

/** What the module exports. */
interface Exports extends KernelMemory {
  readonly multiplyCells: Multiply;
  readonly multiplyShorts: Multiply;
}

const kernel = loadKernel<Exports>(productBytes);
const floats = new Float32Array(kernel?.memory.buffer ?? new ArrayBuffer(0));
const doubles = new Float64Array(kernel?.memory.buffer ?? new ArrayBuffer(0));
const shorts = new Int16Array(kernel?.memory.buffer ?? new ArrayBuffer(0));

/**
 * Writes factors times prototypes of `widthCells` cells of each of the rows [y1, y2), from column x1, to `values`, packed, in
 * WebAssembly. False where prototypes are not packed cells of 32 float32 or int16, rows are longer than fits, or the CPU lacks
 * the instructions: then nothing is written.
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
  if (kernel === null || !fits || !(data instanceof Float32Array || data instanceof Int16Array)) return false;
  const endBytes = cellsAtBytes + widthCells * channels * data.BYTES_PER_ELEMENT;
  if (endBytes + widthCells * 8 > doubles.byteLength) return false;
  const multiply = data instanceof Float32Array ? kernel.multiplyCells : kernel.multiplyShorts;
  const cells = data instanceof Float32Array ? floats : shorts;
  const out = doubles.subarray(endBytes / 8, endBytes / 8 + widthCells);
  doubles.set(factors);
  for (let y = y1; y < y2; y++) {
    const at = y * rowElems + x1 * channels;
    cells.set(data.subarray(at, at + widthCells * channels), cellsAtBytes / data.BYTES_PER_ELEMENT);
    multiply(cellsAtBytes, endBytes, endBytes);
    values.set(out, (y - y1) * widthCells);
  }
  return true;
}
