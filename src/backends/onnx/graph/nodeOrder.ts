import type { NodeProto } from 'onnx-buf';
import { ModelContractError } from '../../../core/errors.js';
import { readsOf } from './walk.js';

function describe({ name, opType }: NodeProto): string {
  return name === '' ? `a node ${opType}` : `the node ${name} (${opType})`;
}

/** Which node makes each tensor. Throws ModelContractError `model_graph` where two make one: what reads it could mean either. */
function makersOf(nodes: readonly NodeProto[]): ReadonlyMap<string, NodeProto> {
  const makers = new Map<string, NodeProto>();
  for (const node of nodes) {
    for (const tensor of node.output) {
      // An output that is left out.
      if (tensor === '') continue;
      const other = makers.get(tensor);
      if (other !== undefined) {
        const what = `the tensor ${tensor} is made twice, by ${describe(other)} and by ${describe(node)}; in a graph of ONNX each is made once`;
        throw new ModelContractError('model_graph', what, { tensor });
      }
      makers.set(tensor, node);
    }
  }
  return makers;
}

/**
 * The nodes in an order in which each stands behind those it reads from, as ONNX asks for; what stands so already
 * keeps its order. ONNX Runtime sorts for itself, so that exporters get away with nodes appended at the end, such as
 * the casts of half floats; hb_mapper and everything that reads nodes one after the other do not take them.
 *
 * Throws ModelContractError `model_graph` for nodes that have no such order, since they read from each other in a circle, and where
 * two make one tensor.
 */
export function inOrderOfUse(nodes: readonly NodeProto[]): NodeProto[] {
  const makers = makersOf(nodes);
  const begun = new Set<NodeProto>();
  const sorted = new Set<NodeProto>();
  for (const start of nodes) {
    const open: { node: NodeProto; reads: string[] }[] = [];
    const begin = (node: NodeProto) => {
      begun.add(node);
      open.push({ node, reads: readsOf(node).reverse() });
    };
    if (!begun.has(start)) begin(start);
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const tensor = last.reads.pop();
      if (tensor === undefined) {
        sorted.add(open.pop()!.node);
        continue;
      }
      const maker = makers.get(tensor);
      if (maker === undefined || sorted.has(maker)) continue;
      if (begun.has(maker)) {
        const what = `nodes read from each other in a circle: ${describe(last.node)} reads ${tensor}, which ${describe(maker)} makes out of what the former gives`;
        throw new ModelContractError('model_graph', what, { tensor });
      }
      begin(maker);
    }
  }
  return [...sorted];
}
