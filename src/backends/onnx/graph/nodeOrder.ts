import type { NodeProto } from 'onnx-buf';
import { readsOf } from './walk.js';

/**
 * The nodes in an order in which each stands behind those it reads from, as ONNX asks for; what stands so already
 * keeps its order. ONNX Runtime sorts for itself, so that exporters get away with nodes appended at the end, such as
 * the casts of half floats; hb_mapper and everything that reads nodes one after the other do not take them.
 */
export function inOrderOfUse(nodes: readonly NodeProto[]): NodeProto[] {
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const begun = new Set<NodeProto>();
  const sorted: NodeProto[] = [];
  for (const start of nodes) {
    const open: { node: NodeProto; reads: string[] }[] = [];
    const begin = (node: NodeProto | undefined) => {
      if (node === undefined || begun.has(node)) return;
      begun.add(node);
      open.push({ node, reads: readsOf(node).reverse() });
    };
    begin(start);
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const name = last.reads.pop();
      if (name !== undefined) begin(makers.get(name));
      else sorted.push(open.pop()!.node);
    }
  }
  return sorted;
}
