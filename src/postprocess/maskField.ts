import type { TensorData } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import { type ChannelScales, channelScales } from './dequantise.js';
import { multiplyFast } from './simdProduct.js';

/** Mask logits of one instance over a window of the prototype grid: coefficients times prototypes. */
export class MaskField {
  readonly #proto: GridHead;
  readonly #scales: ChannelScales;
  readonly #factors: Float64Array;
  /** [rows, widthCells] of the window, packed. */
  readonly values: Float64Array;
  /** First grid column and row of the window. */
  x1 = 0;
  y1 = 0;
  widthCells = 0;

  constructor(proto: GridHead) {
    this.#proto = proto;
    this.#scales = channelScales(proto.spec, proto.channels);
    this.#factors = new Float64Array(proto.channels);
    this.values = new Float64Array(proto.heightCells * proto.widthCells);
  }

  /** Fills `values` for the grid rows [y1, y2) and columns [x1, x2). */
  fill(data: TensorData, coefs: Float64Array, x1: number, y1: number, x2: number, y2: number): void {
    const factors = this.#factors;
    // Scales and zero points go into the factors and one offset, so that integers are multiplied as they are.
    let offset = 0;
    for (let channel = 0; channel < factors.length; channel++) {
      factors[channel] = coefs[channel] * this.#scales.scales[channel];
      offset -= factors[channel] * this.#scales.zeroPoints[channel];
    }
    const { rowElems, cellElems, channelElems } = this.#proto;
    const widthCells = x2 - x1;
    this.x1 = x1;
    this.y1 = y1;
    this.widthCells = widthCells;
    if (offset === 0 && multiplyFast(data, this.#proto, factors, x1, y1, widthCells, y2, this.values)) return;
    const blocks = factors.length & ~7;
    this.values.fill(offset, 0, widthCells * (y2 - y1));
    for (let y = y1; y < y2; y++) {
      const at = y * rowElems + x1 * cellElems;
      const out = (y - y1) * widthCells;
      for (let channel = 0; channel < blocks; channel += 8) {
        addEight(
          data,
          at + channel * channelElems,
          cellElems,
          channelElems,
          this.values,
          out,
          out + widthCells,
          factors[channel],
          factors[channel + 1],
          factors[channel + 2],
          factors[channel + 3],
          factors[channel + 4],
          factors[channel + 5],
          factors[channel + 6],
          factors[channel + 7],
        );
      }
      for (let channel = blocks; channel < factors.length; channel++) {
        addOne(
          data,
          at + channel * channelElems,
          cellElems,
          this.values,
          out,
          out + widthCells,
          factors[channel],
        );
      }
    }
  }
}

/**
 * Adds eight channels times their factors to one row of cells; the largest stage of post-processing.
 *
 * Each typed-array load costs a bounds check, so the factors are held in variables. Measured per cell of 32
 * float channels (docs/performance.md): this one 19 ns, with any strides; one dot product per cell with the
 * factors in an array 30 to 35; four cells at once 23; blocks of four 26; float32 arithmetic by Math.fround 40.
 */
function addEight(
  data: TensorData,
  start: number,
  cellElems: number,
  channelElems: number,
  values: Float64Array,
  out: number,
  outEnd: number,
  factor0: number,
  factor1: number,
  factor2: number,
  factor3: number,
  factor4: number,
  factor5: number,
  factor6: number,
  factor7: number,
): void {
  const two = 2 * channelElems;
  const three = 3 * channelElems;
  const four = 4 * channelElems;
  const five = 5 * channelElems;
  const six = 6 * channelElems;
  const seven = 7 * channelElems;
  for (let to = out, at = start; to < outEnd; to++, at += cellElems) {
    const low =
      factor0 * data[at] +
      factor1 * data[at + channelElems] +
      (factor2 * data[at + two] + factor3 * data[at + three]);
    const high =
      factor4 * data[at + four] +
      factor5 * data[at + five] +
      (factor6 * data[at + six] + factor7 * data[at + seven]);
    values[to] += low + high;
  }
}

function addOne(
  data: TensorData,
  start: number,
  cellElems: number,
  values: Float64Array,
  out: number,
  outEnd: number,
  factor: number,
): void {
  for (let to = out, at = start; to < outEnd; to++, at += cellElems) values[to] += factor * data[at];
}
