import { create, fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, GraphProtoSchema, type NodeProto, NodeProtoSchema } from 'onnx-buf';
import { readGraphFields } from '../modelFile.js';

/** Field number of the nodes in ONNX's GraphProto. */
const fieldNode = 1;

/** The operators of a model and nothing else of its graph: weights are skipped, not loaded. For a file that is known to be whole. */
export function readNodes(path: string): GraphProto {
  const node: NodeProto[] = [];
  for (const { number, read } of readGraphFields(path)) {
    if (number === fieldNode) node.push(fromBinary(NodeProtoSchema, read()));
  }
  return create(GraphProtoSchema, { node });
}
