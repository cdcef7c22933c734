import { findCells, type SignedData } from './scan.js';
import { type KernelMemory, loadKernel } from './wasmKernel.js';

/** Elements that are copied to the kernel's memory and scanned there, one after the other: all of its one page. */
const chunkElems = 16384;
/** Elements the kernel looks at together. */
const blockElems = 16;
/** Shorter data costs more to hand over than to scan here. */
const leastElems = 1024;

/**
 * skipBlocks.wat, assembled, in base64.
 *
 * @internal Exported for tests.
 */
export const kernelBytes =
  'AGFzbQEAAAABCQFgBH9/f38BfwMCAQAFAwEAAQcXAgZtZW1vcnkCAApza2lwQmxvY2tzAAAKbQFrAQJ7IAL9ESEEIAP9ESEFAkADQCAAIAFODQEgAP0ABAAgBP1RIAX9OSAA/QAEECAE/VEgBf05/VAgAP0ABCAgBP1RIAX9OSAA/QAEMCAE/VEgBf05/VD9UP1TDQEgAEHAAGohAAwACwsgAAs=';

/** What the module exports. */
interface Exports extends KernelMemory {
  readonly skipBlocks: (atBytes: number, endBytes: number, flip: number, limit: number) => number;
}

const kernel = loadKernel<Exports>(kernelBytes);
/** The kernel's memory. */
const chunk = new Int32Array(kernel?.memory.buffer ?? new ArrayBuffer(0));

/**
 * As findCells, and found by it where the data is not of 32 bits or little, or the CPU has no such instructions; else sixteen
 * elements at a time in WebAssembly.
 *
 * The kernel sees its own memory only, so chunks of whole cells are copied into it. They stay in the cache meanwhile: it takes 0.22
 * of the arm64 instructions that findCells does, the copies included (docs/performance.md).
 */
export function findCellsFast(
  data: SignedData,
  start: number,
  end: number,
  channels: number,
  flip: number,
  limit: number,
  firstCell: number,
  cells: Uint32Array,
  count: number,
): number {
  if (kernel === null || !(data instanceof Int32Array) || end - start < leastElems || channels > chunkElems) {
    return findCells(data, start, end, channels, flip, limit, firstCell, cells, count);
  }
  const chunkCells = (chunkElems / channels) | 0;
  const step = chunkCells * channels;
  let found = count;
  for (let from = start, cell = firstCell; from < end; from += step, cell += chunkCells) {
    const elems = Math.min(step, end - from);
    chunk.set(data.subarray(from, from + elems));
    found = findInKernel(kernel.skipBlocks, elems, channels, flip, limit, cell, cells, found);
  }
  return found;
}

/** findCells of the first `elems` of the kernel's memory. */
function findInKernel(
  skipBlocks: Exports['skipBlocks'],
  elems: number,
  channels: number,
  flip: number,
  limit: number,
  firstCell: number,
  cells: Uint32Array,
  count: number,
): number {
  const blockEnd = (elems - blockElems + 1) * 4;
  let found = count;
  let at = 0;
  for (;;) {
    at = skipBlocks(at * 4, blockEnd, flip, limit) >> 2;
    while (at < elems && (chunk[at] ^ flip) >= limit) at++;
    if (at >= elems) return found;
    const cell = (at / channels) | 0;
    cells[found++] = firstCell + cell;
    at = (cell + 1) * channels;
  }
}
