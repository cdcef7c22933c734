import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

const sidePx = 64;
const prototype = { step: 4, channels: 32, bias: 0 };

/** An output [1, channels, 64 / step, 64 / step] whose values lie about `bias`. */
export interface HeadPlan {
  readonly step: number;
  readonly channels: number;
  readonly bias: number;
}

/** Writes a model of these outputs and a prototype, whose names tell nothing; a Conv makes each. */
export function headsModel(folder: string, heads: readonly HeadPlan[]): string {
  const nodes: NodeProto[] = [];
  const weights: TensorProto[] = [];
  const outputs: ValueInfoProto[] = [];
  for (const [at, { step, channels, bias }] of [...heads, prototype].entries()) {
    const [pooled, weight, biases, output] = [`pooled${at}`, `weight${at}`, `biases${at}`, `o${at}`];
    const sides = ['kernel_shape', 'strides'].map((name) => ({
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: [BigInt(step), BigInt(step)],
    }));
    nodes.push(
      create(NodeProtoSchema, {
        opType: 'AveragePool',
        input: ['images'],
        output: [pooled],
        attribute: sides,
      }),
      create(NodeProtoSchema, { opType: 'Conv', input: [pooled, weight, biases], output: [output] }),
    );
    weights.push(
      floats(weight, [channels, 3, 1, 1], (index) => Math.sin(index)),
      floats(biases, [channels], () => bias),
    );
    outputs.push(picture(output, channels, sidePx / step));
  }
  const graph = {
    name: 'heads',
    node: nodes,
    initializer: weights,
    input: [picture('images', 3, sidePx)],
    output: outputs,
  };
  const model = create(ModelProtoSchema, {
    irVersion: 6n,
    opsetImport: [{ domain: '', version: 11n }],
    graph,
  });
  const path = join(folder, 'heads.onnx');
  writeFileSync(path, toBinary(ModelProtoSchema, model));
  return path;
}

function floats(name: string, dims: readonly number[], valueAt: (index: number) => number): TensorProto {
  const length = dims.reduce((product, size) => product * size, 1);
  const floatData = Array.from({ length }, (_, index) => valueAt(index));
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: TensorProto_DataType.FLOAT,
    floatData,
  });
}

function picture(name: string, channels: number, side: number): ValueInfoProto {
  const dim = [1, channels, side, side].map((size) => ({
    value: { case: 'dimValue' as const, value: BigInt(size) },
  }));
  const tensorType = { elemType: TensorProto_DataType.FLOAT, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}
