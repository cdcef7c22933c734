import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import makeWabt from 'wabt';
import { packedSpec } from '#dist/core/tensor.js';
import { multiplyFast, productBytes } from '#dist/postprocess/simdProduct.js';
import { kernelBytes } from '#dist/postprocess/simdScan.js';
import { makeRandom } from '../../support/random.js';

it.each([
  ['skipBlocks', kernelBytes],
  ['multiplyCells', productBytes],
])('the bytes of %s are its source, assembled by the WebAssembly Binary Toolkit', async (name, bytes) => {
  const file = `src/postprocess/${name}.wat`;
  const module = (await makeWabt()).parseWat(file, readFileSync(file, 'utf8'), { simd: true });
  module.validate();
  expect(bytes).toBe(Buffer.from(module.toBinary({}).buffer).toString('base64'));
});

const [widthCells, heightCells] = [9, 7];

/** Float32Array or Int16Array. */
interface PrototypeArray {
  from(sizes: { readonly length: number }, value: () => number): Float32Array | Int16Array;
}

/** Prototypes of 9 x 7 cells with room between rows, their factors, and products of integers, which no order of sums can round. */
function scene(channels: number, array: PrototypeArray = Float32Array) {
  const random = makeRandom(5);
  const rowElems = widthCells * channels + 13;
  const data = array.from({ length: heightCells * rowElems }, () => Math.round(random() * 65_535 - 32_768));
  const factors = Float64Array.from({ length: channels }, () => Math.round(random() * 2000 - 1000));
  const head = {
    spec: packedSpec('proto', [1, heightCells, widthCells, channels]),
    outputIndex: 0,
    ...{ channels, heightCells, widthCells, rowElems, cellElems: channels, channelElems: 1 },
    ...{ channelAxis: 3, downsample: 4 },
  };
  const at = (x: number, y: number) =>
    factors.reduce((sum, factor, channel) => sum + factor * data[y * rowElems + x * channels + channel], 0);
  return { data, factors, head, at };
}

it.each([
  ['float32', Float32Array],
  ['int16', Int16Array],
])('multiplies the cells of a window of %s as the sum over their channels says', (_, array) => {
  const { data, factors, head, at } = scene(32, array);
  for (const [x1, y1, x2, y2] of [
    [0, 0, 9, 7],
    [3, 2, 8, 5],
    [8, 6, 9, 7],
  ] as const) {
    const values = new Float64Array(63).fill(Number.NaN);
    expect(multiplyFast(data, head, factors, x1, y1, x2 - x1, y2, values)).toBe(true);
    const expected = [];
    for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) expected.push(at(x, y));
    expect([...values.subarray(0, expected.length)]).toEqual(expected);
    expect(values.subarray(expected.length).every(Number.isNaN)).toBe(true);
  }
});

it.each([
  ['16 channels', scene(16), 9],
  ['other integers', { ...scene(32), data: new Int8Array(5000) }, 9],
  ['channels apart', { ...scene(32), head: { ...scene(32).head, cellElems: 1, channelElems: 63 } }, 9],
  ['cells with room between', { ...scene(32), head: { ...scene(32).head, cellElems: 33 } }, 9],
  ['rows longer than its memory', scene(32), 481],
])('leaves %s to others, and writes nothing', (_, { data, factors, head }, width) => {
  const values = new Float64Array(63).fill(Number.NaN);
  expect(multiplyFast(data, head, factors, 0, 0, width, 7, values)).toBe(false);
  expect(values.every(Number.isNaN)).toBe(true);
});
