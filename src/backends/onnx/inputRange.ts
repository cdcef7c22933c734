import type { NodeProto } from 'onnx-buf';
import { ModelContractError } from '../../core/errors.js';
import type { OnnxGraph } from './graph.js';

/** What a model's input holds, and what shows that it is not 0..1. */
export interface InputRange {
  /** Value of white: 1, or 255 where the graph normalises bytes itself. */
  readonly whiteValue: 1 | 255;
  /** The operators that normalise, for messages; empty if there are none. */
  readonly by: string;
}

const passing = new Set(['Cast', 'Identity', 'Transpose']);

/** Factors up to this bring bytes to the size of a network's input (1/255, 1/58), from that on 0..1 (1, 2, 1/0.226). */
const greatestForBytes = 1 / 32;
const leastForUnits = 1 / 2;

/**
 * Reads from the first operators what range the model expects: a division by 255, or by the deviation of bytes, takes
 * 0..255; none, or one that begins at 0..1, takes 0..1.
 *
 * Throws ModelContractError `model_input_range` if the operators fit neither.
 */
export function readInputRange(graph: OnnxGraph, inputName: string, modelPath: string): InputRange {
  const { gains, by } = readNormalisation(graph, inputName);
  const sizes = gains.map(Math.abs);
  if (sizes.every((gain) => gain <= greatestForBytes)) return { whiteValue: 255, by };
  if (sizes.every((gain) => gain >= leastForUnits)) return { whiteValue: 1, by };
  throw new ModelContractError(
    'model_input_range',
    `model ${modelPath} scales its input by ${gains.join(', ')} (${by}); expected no scaling or that of 0..1, or about 1/255 for 0..255`,
    { modelPath, gains, by },
  );
}

/** Factors per channel, or one for all, of the affine operators that follow the input. */
function readNormalisation(graph: OnnxGraph, inputName: string): { gains: readonly number[]; by: string } {
  let gains: readonly number[] = [1];
  const used: string[] = [];
  let tensor = inputName;
  for (;;) {
    const readers = graph.readersOf(tensor).filter(({ opType }) => opType !== 'Shape');
    const node = readers.length === 1 ? readers[0]! : undefined;
    if (node === undefined) break;
    if (!passing.has(node.opType)) {
      const changed = applied(graph, node, tensor, gains);
      if (changed === null) break;
      gains = changed;
      used.push(node.name === '' ? node.opType : `${node.opType} ${node.name}`);
    }
    tensor = node.output[0]!;
  }
  return { gains, by: used.join(', ') };
}

/** The factors after an operator with a constant; null for any other operator. */
function applied(
  graph: OnnxGraph,
  { opType, input }: NodeProto,
  tensor: string,
  gains: readonly number[],
): readonly number[] | null {
  const constant = graph.valueOf(input[0] === tensor ? (input[1] ?? '') : input[0]!);
  if (constant === null || (constant.length !== 1 && constant.length !== 3)) return null;
  const count = Math.max(gains.length, constant.length);
  const each = (combine: (gain: number, value: number) => number) =>
    Array.from({ length: count }, (_, at) =>
      combine(gains[at % gains.length]!, constant[at % constant.length]!),
    );
  if (opType === 'Mul') return each((gain, value) => gain * value);
  if (opType === 'Div' && input[0] === tensor) return each((gain, value) => gain / value);
  return opType === 'Add' || opType === 'Sub' ? gains : null;
}
