import type { GraphProto } from 'onnx-buf';
import { GraphIndex } from '../../backends/onnx/graph/graphIndex.js';

/** A node of a graph as hb_mapper sees it when it applies settings. */
export interface MapperNode {
  readonly type: string;
  /** The node that takes it in, which is the one to name; null where it stays itself. */
  readonly partOf: string | null;
}

/** What hb_mapper makes of a Sigmoid and the product with its own input; settings for either of the two do nothing. */
const swish = 'HzSwish';

/** The named nodes of a graph after hb_mapper has joined what it joins before its settings apply. */
export function mapperNodes(graph: GraphProto): ReadonlyMap<string, MapperNode> {
  const index = new GraphIndex(graph);
  const nodes = new Map<string, MapperNode>();
  for (const { name, opType } of graph.node) nodes.set(name, { type: opType, partOf: null });
  for (const sigmoid of graph.node) {
    if (sigmoid.opType !== 'Sigmoid') continue;
    const product = index.onlyReaderOf(sigmoid.output[0]!);
    const isSwish = product?.opType === 'Mul' && product.input.includes(sigmoid.input[0]!);
    if (!isSwish) continue;
    nodes.set(sigmoid.name, { type: swish, partOf: product.name });
    nodes.set(product.name, { type: swish, partOf: null });
  }
  nodes.delete('');
  return nodes;
}
