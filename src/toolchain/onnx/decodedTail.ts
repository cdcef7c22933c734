import { create } from '@bufbuild/protobuf';
import { type NodeProto, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf';
import type { GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import { formsOf, type HeadTensor } from './headTensors.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { type LoadedPart, loadPart } from '../../backends/onnx/graph/runtime.js';
import { valueInfo, withGraph } from '../../backends/onnx/graph/subgraph.js';

/**
 * Loads what a stock export does with its heads: head tensors in, decoded rows out. The network before the
 * heads is not part of it, so it runs in milliseconds for every size of model.
 */
export async function loadTail(
  model: OnnxGraphModel,
  index: GraphIndex,
  heads: readonly HeadTensor[],
  rowsName: string,
): Promise<LoadedPart> {
  const given = new Set(heads.map((head) => head.name));
  const shapes = await knownShapes(model, index, rowsName, given);
  const ends = new Set([...given, ...shapes.keys()]);
  const initialisers = [...shapes].map(([name, dims]) =>
    create(TensorProtoSchema, {
      name,
      dataType: TensorProto_DataType.INT64,
      dims: [BigInt(dims.length)],
      int64Data: dims.map(BigInt),
    }),
  );
  const { graph } = model;
  const extended = { ...model, graph: { ...graph, initializer: [...graph.initializer, ...initialisers] } };
  return loadPart(
    withGraph(extended, {
      nodes: index.nodesBehind([rowsName], ends),
      inputs: heads.map((head) => valueInfo(head.name, head.dims)),
      outputs: [valueInfo(rowsName)],
    }),
    'the decoding',
  );
}

/** What Shape nodes on the way answer, so that the tensors they look at need not be there. */
async function knownShapes(
  model: OnnxGraphModel,
  index: GraphIndex,
  rowsName: string,
  given: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const asked = index
    .nodesBehind([rowsName], given)
    .filter(
      ({ opType, input }) => opType === 'Shape' && !given.has(input[0]!) && !index.isConstant(input[0]!),
    );
  const forms = await formsOf(model, index, [...new Set(asked.map((node) => node.input[0]!))]);
  return new Map(
    asked.flatMap((node) => {
      const form = forms.get(node.input[0]!);
      return form === undefined ? [] : [[node.output[0]!, askedDims(node, form.dims)] as const];
    }),
  );
}

/** What a Shape node answers: since opset 15 it may ask for a range of dimensions, counted from the end where negative. */
export function askedDims({ attribute }: NodeProto, dims: readonly number[]): readonly number[] {
  const bound = (name: string) => attribute.find((one) => one.name === name)?.i;
  const end = bound('end');
  return dims.slice(Number(bound('start') ?? 0), end === undefined ? undefined : Number(end));
}
