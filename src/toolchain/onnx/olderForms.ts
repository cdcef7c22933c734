import { clone, create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
} from 'onnx-buf';
import { freeName, GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';

/** Attributes of later opsets that say what was always so before, or nothing where they stand. */
const saysNothing: Readonly<Record<string, (attribute: AttributeProto, node: NodeProto) => boolean>> = {
  // Of casts to smaller floats than opset 11 has.
  'Cast saturate': () => true,
  'Cast round_mode': () => true,
  'Reshape allowzero': ({ i }) => i === 0n,
  // A filter for mixed pixels; the nearest one is not mixed.
  'Resize antialias': ({ i }, node) => i === 0n || ['', 'nearest'].includes(textOf(node, 'mode')),
  // Says how sizes are meant, which are the fourth input.
  'Resize keep_aspect_ratio_policy': (_, node) =>
    (node.input[3] ?? '') === '' || textOf(node, 'keep_aspect_ratio_policy') === 'stretch',
  // Means something where no axes are given.
  'ReduceMax noop_with_empty_axes': hasAxes,
  'ReduceMean noop_with_empty_axes': hasAxes,
  'ReduceSum noop_with_empty_axes': hasAxes,
  // Parts are alike in both; the runtime refuses a rest when the result is loaded.
  'Split num_outputs': () => true,
};

function hasAxes(_: AttributeProto, { input }: NodeProto): boolean {
  return (input[1] ?? '') !== '';
}

/** An attribute that is text; empty where it is not written. */
function textOf({ attribute }: NodeProto, wanted: string): string {
  return new TextDecoder().decode(attribute.find(({ name }) => name === wanted)?.s);
}

/**
 * The model with the operators rewritten that opset 11 has in another form: a Resize that leaves inputs out gets empty
 * ones, sizes and axes that are stored inputs become attributes, a Softmax of the last dimension says so, and
 * attributes that change nothing go. Values are the same. What cannot be rewritten stays as it is, for `opsetBlockers` to find.
 */
export function inOlderForms(model: OnnxGraphModel, opset: number): OnnxGraphModel {
  const { graph } = model;
  const index = new GraphIndex(graph);
  const empty = freeName('empty', index.names());
  const ranks = new Map(graph.valueInfo.map((value) => [value.name, rankOf(value)] as const));
  const older = (one: NodeProto) =>
    resizeWith(softmaxOfLast(storedInside(withoutEmptyWords(one), graph), opset, ranks), empty);
  const node = graph.node.map(older);
  const isUsed = node.some(({ input }) => input.includes(empty));
  const tensor = create(TensorProtoSchema, { name: empty, dataType: TensorProto_DataType.FLOAT, dims: [0n] });
  const initializer = isUsed ? [...graph.initializer, tensor] : graph.initializer;
  return { ...model, graph: { ...graph, node, initializer } };
}

/** A changed copy; a spread would lose the defaults, which lie in the prototype of a message. */
function changed(node: NodeProto, changes: Partial<Pick<NodeProto, 'input' | 'attribute'>>): NodeProto {
  return Object.assign(clone(NodeProtoSchema, node), changes);
}

function withoutEmptyWords(node: NodeProto): NodeProto {
  const attribute = node.attribute.filter(
    (one) => saysNothing[`${node.opType} ${one.name}`]?.(one, node) !== true,
  );
  return attribute.length === node.attribute.length ? node : changed(node, { attribute });
}

/** A Resize with an empty tensor for the region, and for the scales where sizes are given. */
function resizeWith(node: NodeProto, empty: string): NodeProto {
  const [picture, region = '', scales = '', ...sizes] = node.input;
  if (node.opType !== 'Resize' || picture === undefined || (region !== '' && scales !== '')) return node;
  if (scales === '' && sizes.length === 0) return node;
  return changed(node, { input: [picture, region || empty, scales || empty, ...sizes] });
}

/** Operators whose second input was an attribute, with its name. */
const onceInside: ReadonlyMap<string, string> = new Map([
  ['ReduceMax', 'axes'],
  ['ReduceMean', 'axes'],
  ['ReduceSum', 'axes'],
  ['Split', 'split'],
  ['Squeeze', 'axes'],
  ['Unsqueeze', 'axes'],
]);

/** A node with its sizes or axes as an attribute, if they are stored in the file. */
function storedInside(node: NodeProto, graph: GraphProto): NodeProto {
  const wanted = onceInside.get(node.opType);
  const sizesName = node.input[1] ?? '';
  if (wanted === undefined || sizesName === '') return node;
  const constant = graph.node.find(({ output }) => output.includes(sizesName));
  const stored =
    graph.initializer.find(({ name }) => name === sizesName) ??
    constant?.attribute.find(({ name }) => name === 'value')?.t;
  if (stored?.dataType !== TensorProto_DataType.INT64) return node;
  const bytes = new DataView(stored.rawData.buffer, stored.rawData.byteOffset, stored.rawData.byteLength);
  const ints =
    stored.rawData.length === 0
      ? stored.int64Data
      : Array.from({ length: stored.rawData.length / 8 }, (_, at) => bytes.getBigInt64(8 * at, true));
  const inside = create(AttributeProtoSchema, {
    name: wanted,
    type: AttributeProto_AttributeType.INTS,
    ints,
  });
  return changed(node, { input: [node.input[0]!], attribute: [...node.attribute, inside] });
}

function rankOf({ type }: ValueInfoProto): number | undefined {
  return type?.value.case === 'tensorType' ? type.value.value.shape?.dim.length : undefined;
}

/** A Softmax over the last dimension, which is written as -1: what it means in every opset. */
function softmaxOfLast(
  node: NodeProto,
  opset: number,
  ranks: ReadonlyMap<string, number | undefined>,
): NodeProto {
  if (node.opType !== 'Softmax' || opset < 13) return node;
  const written = node.attribute.find(({ name }) => name === 'axis')?.i ?? -1n;
  const rank = ranks.get(node.input[0]!);
  const isLast = written === -1n || (rank !== undefined && written === BigInt(rank - 1));
  if (!isLast) return node;
  const axis = create(AttributeProtoSchema, { name: 'axis', type: AttributeProto_AttributeType.INT, i: -1n });
  return changed(node, { attribute: [...node.attribute.filter(({ name }) => name !== 'axis'), axis] });
}
