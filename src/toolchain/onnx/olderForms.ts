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
  // Parts are alike in both; the runtime refuses a rest when the result is loaded.
  'Split num_outputs': () => true,
};

/** An attribute that is text; empty where it is not written. */
function textOf({ attribute }: NodeProto, wanted: string): string {
  return new TextDecoder().decode(attribute.find(({ name }) => name === wanted)?.s);
}

/**
 * The model with the operators rewritten that opset 11 has in another form: a Resize that leaves inputs out gets empty
 * ones, a Split with its sizes as an input gets them as an attribute, and attributes that change nothing go. Values
 * are the same. What cannot be rewritten stays as it is, for `opsetBlockers` to find.
 */
export function inOlderForms(model: OnnxGraphModel): OnnxGraphModel {
  const { graph } = model;
  const index = new GraphIndex(graph);
  const empty = freeName('empty', index.names());
  const node = graph.node.map((one) => resizeWith(splitInside(withoutEmptyWords(one), graph), empty));
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

/** A Split whose sizes are an attribute, if they are stored in the file. */
function splitInside(node: NodeProto, graph: GraphProto): NodeProto {
  const sizesName = node.opType === 'Split' ? node.input[1] : undefined;
  if (sizesName === undefined || sizesName === '') return node;
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
  const split = create(AttributeProtoSchema, {
    name: 'split',
    type: AttributeProto_AttributeType.INTS,
    ints,
  });
  return changed(node, { input: [node.input[0]!], attribute: [...node.attribute, split] });
}
