import { readFile } from 'node:fs/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from 'onnx-buf';
import { checkModelBytes, readGraphFields, readOnnxFileInfo } from '../modelFile.js';
import { ModelContractError } from '../../../core/errors.js';
import { inlineExternalData } from './externalData.js';
import { inOrderOfUse } from './nodeOrder.js';

/** A model whose graph is known to be there. */
export interface OnnxGraphModel extends ModelProto {
  graph: GraphProto;
}

/** Field number of the nodes in ONNX's GraphProto. */
const fieldNode = 1;

/**
 * Reads an ONNX file whole, with the weights that lie in files beside it. Fields this package does not know
 * are kept as they are; nodes stand in an order in which they can run.
 *
 * Throws ConfigError for a path that cannot be read, ModelContractError `model_truncated`, `model_not_onnx`,
 * `model_too_large`, `model_graph` or `external_data`.
 */
export async function readOnnxFile(path: string): Promise<OnnxGraphModel> {
  readOnnxFileInfo(path);
  const model = decode(path, await readFile(path));
  model.graph.node = inOrderOfUse(model.graph.node);
  await inlineExternalData(model, path);
  return model;
}

function decode(path: string, bytes: Uint8Array): OnnxGraphModel {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph === undefined) throw new Error('it holds no graph');
    return model as OnnxGraphModel;
  } catch (error) {
    throw new ModelContractError(
      'model_not_onnx',
      `model ${path} is damaged: its ${bytes.length} bytes do not decode as an ONNX model`,
      { path, sizeBytes: bytes.length },
      error,
    );
  }
}

/**
 * Reads the operators of a model and nothing else of its graph, so that no weights are loaded. The file must be known
 * to be whole.
 */
export function readNodes(path: string): GraphProto {
  const node: NodeProto[] = [];
  for (const { number, read } of readGraphFields(path)) {
    if (number === fieldNode) node.push(fromBinary(NodeProtoSchema, read()));
  }
  return create(GraphProtoSchema, { node });
}

/** The bytes of a model; the same model gives the same bytes. */
export function encodeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

/** Throws ModelContractError `model_too_large` for bytes that are no file ONNX can have. */
export function checkOnnxSize(path: string, bytes: Uint8Array): void {
  checkModelBytes(path, bytes.length);
}
