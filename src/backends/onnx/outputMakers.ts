import type { NodeProto } from 'onnx-buf';
import { ModelContractError } from '../../core/errors.js';
import type { ClassScores } from '../../model/splitHeads.js';
import type { GraphIndex } from './graph/graphIndex.js';

/** Operators that move values or change how they are stored, but not what they mean. */
const moving = new Set([
  ...['Transpose', 'Reshape', 'Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Flatten'],
  ...['QuantizeLinear', 'DequantizeLinear'],
]);

/** Operators whose result is a logit: those a head ends with. */
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
 * What class heads hold by the operator that makes them; null if it is another than a Sigmoid or what a head ends with.
 *
 * Throws ModelContractError `class_scores` if they are not all made alike.
 */
export function scoresMade(graph: GraphIndex, outputs: readonly string[]): ClassScores | null {
  const ends = outputs.map((output) => makersOf(graph, output).at(-1)?.opType ?? 'none');
  const forms = new Set(
    ends.map((op) => (op === 'Sigmoid' ? 'probabilities' : linear.has(op) ? 'logits' : null)),
  );
  const [form] = forms;
  if (forms.size === 1 && form !== undefined) return form;
  const found = outputs.map((output, index) => `${output} by ${ends[index]}`).join(', ');
  throw new ModelContractError('class_scores', `the class heads are not made alike: ${found}`, { found });
}
