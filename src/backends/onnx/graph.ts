import { fromBinary } from '@bufbuild/protobuf';
import {
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { readGraphFields } from './modelFile.js';

/** Field numbers of ONNX's GraphProto. */
const fieldNode = 1;
const fieldInitializer = 5;

/** Larger tensors are weights, whose values nobody asks for. */
const largestConstantBytes = 4096;

/** The operators of a model and its small constants; weights are skipped, not loaded. */
export class OnnxGraph {
  readonly nodes: readonly NodeProto[];
  readonly #producers = new Map<string, NodeProto>();
  readonly #constants = new Map<string, TensorProto>();

  /** For a file that is known to be whole. */
  constructor(path: string) {
    const nodes: NodeProto[] = [];
    for (const { number, sizeBytes, read } of readGraphFields(path)) {
      if (number === fieldNode) nodes.push(fromBinary(NodeProtoSchema, read()));
      else if (number === fieldInitializer && sizeBytes <= largestConstantBytes) {
        const tensor = fromBinary(TensorProtoSchema, read());
        this.#constants.set(tensor.name, tensor);
      }
    }
    for (const node of nodes) {
      for (const name of node.output) this.#producers.set(name, node);
      const value =
        node.opType === 'Constant' ? node.attribute.find(({ name }) => name === 'value')?.t : undefined;
      if (value !== undefined) this.#constants.set(node.output[0]!, value);
    }
    this.nodes = nodes;
  }

  producerOf(tensor: string): NodeProto | undefined {
    return this.#producers.get(tensor);
  }

  readersOf(tensor: string): NodeProto[] {
    return this.nodes.filter(({ input }) => input.includes(tensor));
  }

  /** The numbers of a small constant; null for anything else. */
  valueOf(tensor: string): readonly number[] | null {
    const constant = this.#constants.get(tensor);
    return constant === undefined ? null : numbersOf(constant);
  }
}

function numbersOf({ dataType, dataLocation, rawData, ...typed }: TensorProto): readonly number[] | null {
  if (dataLocation === TensorProto_DataLocation.EXTERNAL) return null;
  const bytes = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const raw = (elementBytes: number, read: (at: number) => number) =>
    Array.from({ length: Math.floor(rawData.length / elementBytes) }, (_, index) =>
      read(index * elementBytes),
    );
  switch (dataType) {
    case TensorProto_DataType.FLOAT:
      return rawData.length > 0 ? raw(4, (at) => bytes.getFloat32(at, true)) : typed.floatData;
    case TensorProto_DataType.DOUBLE:
      return rawData.length > 0 ? raw(8, (at) => bytes.getFloat64(at, true)) : typed.doubleData;
    default:
      return null;
  }
}
