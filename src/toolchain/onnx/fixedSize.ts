import { clone, create } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  type NodeProto,
  TensorProto_DataType,
  type TensorProto,
  TensorProtoSchema,
} from 'onnx-buf';
import { GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { constantsOf } from '../../backends/onnx/graph/runtime.js';
import { valueInfo, withGraph } from '../../backends/onnx/graph/subgraph.js';
import { readsOf } from '../../backends/onnx/graph/walk.js';
import { askedDims } from './decodedTail.js';
import { formsOf } from './headTensors.js';

/** Pictures, channels, height and width. */
export type InputDims = readonly [1, number, number, number];

/**
 * What a model of open input size takes when it is one picture of the size it was exported at, which its metadata tells
 * (`imgsz`) where the input does not; null if its input is of a fixed size, or if nothing tells one.
 */
export function exportedInput({ graph, metadataProps }: OnnxGraphModel): InputDims | null {
  const type = graph.input[0]?.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
  const sizes = dims.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : null));
  if (sizes.length !== 4 || sizes.every((size) => size !== null)) return null;
  const text = metadataProps.find(({ key }) => key === 'imgsz')?.value ?? '';
  const [, ...exported] = (/^\[(\d+), ?(\d+)\]$/.exec(text) ?? []).map(Number);
  const [batch = null, channels, heightPx = exported[0], widthPx = exported[1]] = sizes.map(
    (size) => size ?? undefined,
  );
  if ((batch ?? 1) !== 1 || heightPx === undefined || widthPx === undefined) return null;
  return [1, channels ?? 3, heightPx, widthPx];
}

/**
 * A copy of a model of open input size for an input of these dimensions. What the model works out of its sizes while it
 * runs is stored in it.
 */
export async function withFixedSize(model: OnnxGraphModel, dims: InputDims): Promise<OnnxGraphModel> {
  const copy = clone(ModelProtoSchema, model) as OnnxGraphModel;
  const { graph } = copy;
  const [input] = graph.input;
  // Shapes inside were written for the open size.
  graph.valueInfo = [];
  graph.input = [valueInfo(input!.name, dims)];
  graph.output = graph.output.map(({ name }) => valueInfo(name));
  return withStoredConstants(await withKnownShapes(copy));
}

/** The model with constants for its Shape nodes. */
async function withKnownShapes(model: OnnxGraphModel): Promise<OnnxGraphModel> {
  const { graph } = model;
  const asking = graph.node.filter(({ opType }) => opType === 'Shape');
  const input = graph.input[0]!;
  const inside = asking.map((node) => node.input[0]!).filter((name) => name !== input.name);
  const forms = await formsOf(model, new GraphIndex(graph), [...new Set(inside)]);
  const inputDims = input.type?.value.case === 'tensorType' ? input.type.value.value.shape!.dim : [];
  const dimsOf = (name: string) =>
    name === input.name ? inputDims.map(({ value }) => Number(value.value)) : forms.get(name)?.dims;
  const constants = asking.flatMap((node) => {
    const dims = dimsOf(node.input[0]!);
    return dims === undefined ? [] : [{ node, tensor: shapeTensor(node, askedDims(node, dims)) }];
  });
  const known = new Set(constants.map(({ node }) => node));
  const node = graph.node.filter((one) => !known.has(one));
  const initializer = [...graph.initializer, ...constants.map(({ tensor }) => tensor)];
  return { ...model, graph: { ...graph, node, initializer } };
}

function shapeTensor({ output }: NodeProto, dims: readonly number[]): TensorProto {
  return storedTensor(output[0]!, [dims.length], BigInt64Array.from(dims, BigInt));
}

function storedTensor(
  name: string,
  dims: readonly number[],
  data: BigInt64Array | Float32Array,
): TensorProto {
  const dataType = data instanceof Float32Array ? TensorProto_DataType.FLOAT : TensorProto_DataType.INT64;
  const rawData = Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData });
}

/** The model with the values stored that follow from stored ones alone, where something else reads them. */
async function withStoredConstants(model: OnnxGraphModel): Promise<OnnxGraphModel> {
  const { graph } = model;
  const index = new GraphIndex(graph);
  const varying = graph.node.filter((node) => !readsOf(node).every((name) => index.isConstant(name)));
  const names = new Set(varying.flatMap(readsOf).filter((name) => isWorkedOut(index, name)));
  if (names.size === 0) return model;
  const nodes = index.nodesBehind([...names]);
  const outputs = [...names].map((name) => valueInfo(name));
  const values = await constantsOf(
    withGraph(model, { nodes, inputs: [], outputs }),
    'what follows from its size',
  );
  const stored = [...values].flatMap(([name, { dims, data }]) =>
    data instanceof BigInt64Array || data instanceof Float32Array ? [storedTensor(name, dims, data)] : [],
  );
  const given = new Set(stored.map(({ name }) => name));
  const left = index.nodesBehind(
    graph.output.map(({ name }) => name),
    given,
  );
  const parts = { nodes: left, inputs: graph.input, outputs: graph.output };
  return withGraph({ ...model, graph: { ...graph, initializer: [...graph.initializer, ...stored] } }, parts);
}

function isWorkedOut(index: GraphIndex, name: string): boolean {
  const maker = index.producerOf(name);
  return maker !== undefined && maker.opType !== 'Constant' && index.isConstant(name);
}
