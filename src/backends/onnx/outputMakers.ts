import type { NodeProto } from 'onnx-buf';
import { ModelContractError } from '../../core/errors.js';
import type { GraphIndex } from './graph/graphIndex.js';

/** Operators that move values or change how they are stored, but not what they mean. */
const moving = new Set([
  ...['Transpose', 'Reshape', 'Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Flatten'],
  ...['QuantizeLinear', 'DequantizeLinear'],
]);

/** Operators with which a head of logits may end; all of them are alike for this. */
const linear = new Set(['Conv', 'Add', 'BatchNormalization']);

/** The operators behind an output, nearest first, up to and with the first that changes values. */
function makersOf(graph: GraphIndex, output: string): NodeProto[] {
  const makers: NodeProto[] = [];
  for (let name = output; ; ) {
    const node = graph.producerOf(name);
    if (node === undefined) return makers;
    makers.push(node);
    if (!moving.has(node.opType)) return makers;
    name = node.input[0]!;
  }
}

/** Names of the nodes that make an output; those of a Sigmoid at its end and of what comes before it too. */
export function makerNames(graph: GraphIndex, output: string): string[] {
  const makers = makersOf(graph, output);
  const last = makers.at(-1);
  const before = last?.opType === 'Sigmoid' ? makersOf(graph, last.input[0]!) : [];
  return [...makers, ...before].map(({ name }) => name).filter((name) => name !== '');
}

/**
 * True if a Sigmoid makes each of the class heads. Throws ModelContractError `class_scores` if they are not all
 * made alike.
 */
export function areMadeBySigmoid(graph: GraphIndex, outputs: readonly string[]): boolean {
  const ends = outputs.map((output) => makersOf(graph, output).at(-1)?.opType ?? 'none');
  const kinds = new Set(ends.map((op) => (linear.has(op) ? 'linear' : op === 'Sigmoid' ? op : 'other')));
  if (kinds.size === 1) return kinds.has('Sigmoid');
  const found = outputs.map((output, index) => `${output} by ${ends[index]}`).join(', ');
  throw new ModelContractError(
    'class_scores',
    `the class heads are not made alike: ${found}; export all of them with, or all without, the Sigmoid`,
    { found },
  );
}
