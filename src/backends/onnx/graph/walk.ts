import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from 'onnx-buf';

/** Graphs inside a node: the bodies of If, Loop and Scan. */
function subgraphsOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((attribute) =>
    (attribute.g === undefined ? [] : [attribute.g]).concat(attribute.graphs),
  );
}

/** All names a node reads: its inputs, and what the graphs inside it take from outside; '' is left out. */
export function readsOf(node: NodeProto): string[] {
  const names = node.input.filter((name) => name !== '');
  for (const graph of subgraphsOf(node)) {
    const inside = new Set([
      ...graph.input.map((value) => value.name),
      ...graph.initializer.map((tensor) => tensor.name),
      ...graph.node.flatMap((inner) => inner.output),
    ]);
    const reads = [...graph.node.flatMap(readsOf), ...graph.output.map((value) => value.name)];
    names.push(...reads.filter((name) => !inside.has(name)));
  }
  return names;
}

/** The nodes of a graph with those inside its nodes. */
export function* nodesOf(nodes: readonly NodeProto[]): Generator<NodeProto> {
  for (const node of nodes) {
    yield node;
    for (const graph of subgraphsOf(node)) yield* nodesOf(graph.node);
  }
}

function* tensorsOfAttribute(attribute: AttributeProto): Generator<TensorProto> {
  if (attribute.t !== undefined) yield attribute.t;
  yield* attribute.tensors;
  for (const graph of attribute.graphs) yield* tensorsOfGraph(graph);
  if (attribute.g !== undefined) yield* tensorsOfGraph(attribute.g);
}

function* tensorsOfGraph(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const { values, indices } of graph.sparseInitializer) {
    if (values !== undefined) yield values;
    if (indices !== undefined) yield indices;
  }
  for (const node of graph.node) for (const attribute of node.attribute) yield* tensorsOfAttribute(attribute);
}

/** Every stored tensor of a model: initialisers, Constant nodes, graphs inside nodes, functions. */
export function* tensorsOf(model: ModelProto): Generator<TensorProto> {
  if (model.graph !== undefined) yield* tensorsOfGraph(model.graph);
  for (const { node: nodes } of model.functions) {
    for (const node of nodes) for (const attribute of node.attribute) yield* tensorsOfAttribute(attribute);
  }
}
