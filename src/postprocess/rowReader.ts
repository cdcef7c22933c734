import type { TensorData, TensorView } from '../core/tensor.js';
import type { StockRows } from '../model/stockHeads.js';
import { type ChannelScales, channelScales } from './dequantise.js';

/** Reads the real values of a tensor of rows. */
export class RowReader {
  readonly scales: ChannelScales;
  readonly #rows: StockRows;
  #tensors: readonly TensorView[] = [];

  constructor(rows: StockRows, valuesPerRow: number) {
    this.#rows = rows;
    this.scales = channelScales(rows.spec, valuesPerRow);
  }

  /** The next reads are of these outputs of a model; none of them to hold no memory in between. */
  bind(tensors: readonly TensorView[]): void {
    this.#tensors = tensors;
  }

  /** As stored. */
  get data(): TensorData {
    return this.#tensors[this.#rows.outputIndex].data;
  }

  valueAt(row: number, at: number): number {
    const { cellElems, featureElems } = this.#rows;
    const stored = this.data[row * cellElems + at * featureElems];
    return (stored - this.scales.zeroPoints[at]) * this.scales.scales[at];
  }

  /** Reads `count` values of a row from `first` on. */
  readInto(values: Float64Array, row: number, first: number, count: number): void {
    for (let index = 0; index < count; index++) values[index] = this.valueAt(row, first + index);
  }
}
