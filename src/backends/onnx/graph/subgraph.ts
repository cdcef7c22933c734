import { create } from '@bufbuild/protobuf';
import { type NodeProto, TensorProto_DataType, type ValueInfoProto, ValueInfoProtoSchema } from 'onnx-buf';
import { GraphIndex } from './graphIndex.js';
import type { OnnxGraphModel } from './onnxFile.js';
import { readsOf } from './walk.js';

/** A graph input or output of 32-bit floats; without `dims` the runtime finds type and shape. */
export function valueInfo(name: string, dims?: readonly number[]): ValueInfoProto {
  if (dims === undefined) return create(ValueInfoProtoSchema, { name });
  const dim = dims.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensor } } });
}

/**
 * The model with other nodes, inputs and outputs. Initialisers, shapes and functions that these do not use are left
 * out; names, metadata and unknown fields stay. The original is not changed, and the copy shares its tensors.
 */
export function withGraph(
  model: OnnxGraphModel,
  parts: {
    readonly nodes: readonly NodeProto[];
    readonly inputs: readonly ValueInfoProto[];
    readonly outputs: readonly ValueInfoProto[];
  },
): OnnxGraphModel {
  const { graph } = model;
  const used = new Set(parts.nodes.flatMap(readsOf));
  const live = new Set([...used, ...parts.nodes.flatMap((node) => node.output)]);
  const ends = new Set([...parts.inputs, ...parts.outputs].map((value) => value.name));
  const calls = functionsUsed(model, parts.nodes);
  return {
    ...model,
    functions: model.functions.filter((one) => calls.has(callName(one.domain, one.name))),
    graph: {
      ...graph,
      node: [...parts.nodes],
      input: [...parts.inputs],
      output: [...parts.outputs],
      initializer: graph.initializer.filter((tensor) => used.has(tensor.name)),
      sparseInitializer: graph.sparseInitializer.filter(({ values }) => used.has(values?.name ?? '')),
      valueInfo: graph.valueInfo.filter(({ name }) => live.has(name) && !ends.has(name)),
      quantizationAnnotation: graph.quantizationAnnotation.filter(({ tensorName }) => live.has(tensorName)),
    },
  };
}

const callName = (domain: string, name: string) => `${domain} ${name}`;

function functionsUsed(model: OnnxGraphModel, nodes: readonly NodeProto[]): Set<string> {
  const calls = new Set(nodes.map((node) => callName(node.domain, node.opType)));
  const open = model.functions.filter((one) => calls.has(callName(one.domain, one.name)));
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const node of one.node) {
      const call = callName(node.domain, node.opType);
      if (calls.has(call)) continue;
      calls.add(call);
      open.push(...model.functions.filter((other) => callName(other.domain, other.name) === call));
    }
  }
  return calls;
}

/**
 * The model without nodes and initialisers that no output needs, such as constants that were written into attributes.
 */
export function withoutUnused(model: OnnxGraphModel): OnnxGraphModel {
  const { graph } = model;
  const outputs = graph.output;
  const nodes = new GraphIndex(graph).nodesBehind(outputs.map(({ name }) => name));
  return withGraph(model, { nodes, inputs: graph.input, outputs });
}
