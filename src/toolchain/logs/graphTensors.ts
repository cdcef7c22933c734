import type { SizePx } from '../../core/geometry.js';
import { isRank4, packedSpec, type TensorSpec } from '../../core/tensor.js';
import type { LogLine } from '../text/logLines.js';

/** A graph input or output as the toolchain prints it. */
export interface GraphTensor {
  readonly name: string;
  /** Null where the size is not fixed. */
  readonly dims: readonly (number | null)[];
  /** As printed, `FLOAT32`. */
  readonly type: string;
}

/** Inputs and outputs of the graph as hb_mapper lists them. */
export interface GraphTensors {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  /** The text ends within the list of outputs, so that there may be more. */
  readonly isCutOff: boolean;
}

/** Of a log without such a list. */
export const noGraphTensors: GraphTensors = { inputs: [], outputs: [], isCutOff: false };

const tensorPattern = /^\s*(\S.*?):\s*shape=\[([^\]]*)\],?\s*dtype=([\w.]+)/;

function readDim(text: string): number | null {
  const value = Number(text.trim());
  return Number.isInteger(value) && value > 0 ? value : null;
}

function readTensor(text: string): GraphTensor | null {
  const [, name, sizes, type] = tensorPattern.exec(text) ?? [];
  if (name === undefined || sizes === undefined || type === undefined) return null;
  const dims = sizes.trim() === '' ? [] : sizes.split(',').map(readDim);
  return { name, dims, type };
}

/** Versions before 2023 name tensor by tensor: `Output name: output, [1, 3, 80, 80, 85]`. */
const oldPattern = /^\s*(Input|Output) name:\s*(\S.*?),\s*\[([^\]]*)\]/;

function readOldTensors(lines: readonly LogLine[]): GraphTensors {
  const found = lines.flatMap(({ text }) => {
    const [, side, name, sizes] = oldPattern.exec(text) ?? [];
    if (name === undefined || sizes === undefined) return [];
    return [{ side, name, dims: sizes.split(',').map(readDim), type: 'FLOAT32' }];
  });
  // The last mention of a name counts, as with lists.
  const sideOf = (side: string) =>
    [...new Map(found.filter((one) => one.side === side).map((one) => [one.name, one])).values()].map(
      ({ name, dims, type }) => ({ name, dims, type }),
    );
  return { inputs: sideOf('Input'), outputs: sideOf('Output'), isCutOff: false };
}

/** `Graph input:` and `Graph output:`; of several lists in one log the last one counts. */
export function readGraphTensors(lines: readonly LogLine[]): GraphTensors {
  let inputs: GraphTensor[] = [];
  let outputs: GraphTensor[] = [];
  let list: GraphTensor[] | null = null;
  let isCutOff = false;
  const end = lines.findLastIndex(({ text }) => text.trim() !== '');
  for (const [index, { text, stamp }] of lines.entries()) {
    const heading = /^\s*Graph (input|output)s?:\s*$/i.exec(text)?.[1];
    if (heading !== undefined) {
      list = [];
      if (heading.toLowerCase() === 'input') inputs = list;
      else outputs = list;
      continue;
    }
    // A line without a stamp may be a torn entry.
    if (index === end) isCutOff = list !== null && list === outputs && stamp === null;
    const tensor = list === null ? null : readTensor(text);
    if (tensor === null) list = null;
    else list?.push(tensor);
  }
  return outputs.length > 0 ? { inputs, outputs, isCutOff } : readOldTensors(lines);
}

/** The outputs as float tensors without padding; null if a size is not fixed. */
export function specsOf(tensors: readonly GraphTensor[]): TensorSpec[] | null {
  const specs = tensors.map(({ name, dims }): TensorSpec | null => {
    const fixed = dims.filter((dim) => dim !== null);
    if (fixed.length < dims.length) return null;
    return packedSpec(name, fixed);
  });
  return specs.every((spec) => spec !== null) ? specs : null;
}

/** Width and height of the picture input, [1, 3, H, W] or [1, H, W, 3]; null if there is none. */
export function inputSizeOf(inputs: readonly GraphTensor[]): SizePx | null {
  for (const { dims } of inputs) {
    if (!isRank4(dims)) continue;
    const [, a, b, c] = dims;
    const { heightPx, widthPx } =
      a === 3 || a === 1 ? { heightPx: b, widthPx: c } : { heightPx: a, widthPx: b };
    if (heightPx !== null && widthPx !== null) return { widthPx, heightPx };
  }
  return null;
}
