import { clone } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  type NodeProto,
  TensorProto_DataType,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { nodesOf, tensorsOf } from '../../backends/onnx/graph/walk.js';
import { formsOf } from './headTensors.js';

const half = TensorProto_DataType.FLOAT16;
const whole = TensorProto_DataType.FLOAT;

/** The type that a Cast makes; undefined for another node. */
function castType({ opType, attribute }: NodeProto): number | undefined {
  return opType === 'Cast' ? Number(attribute.find(({ name }) => name === 'to')?.i) : undefined;
}

/** True if a model stores half floats, casts to them, or takes or gives them. */
export function hasHalfFloats(model: OnnxGraphModel): boolean {
  const { graph } = model;
  for (const tensor of tensorsOf(model)) if (tensor.dataType === half) return true;
  for (const node of nodesOf(graph.node)) if (castType(node) === half) return true;
  return [...graph.input, ...graph.output].some((value) => elementType(value) === half);
}

function elementType({ type }: ValueInfoProto): number | undefined {
  return type?.value.case === 'tensorType' ? type.value.value.elemType : undefined;
}

/**
 * A copy of a model that computes in 32-bit floats what the model computes in half floats. The weights keep their
 * values exactly; what is rounded after each operator is so no more.
 */
export function inWholeFloats(model: OnnxGraphModel): OnnxGraphModel {
  const copy = clone(ModelProtoSchema, model) as OnnxGraphModel;
  const { graph } = copy;
  for (const tensor of tensorsOf(copy)) if (tensor.dataType === half) widen(tensor);
  for (const node of nodesOf(graph.node)) {
    if (castType(node) === half) node.attribute.find(({ name }) => name === 'to')!.i = BigInt(whole);
  }
  for (const { type } of [...graph.input, ...graph.output, ...graph.valueInfo]) {
    if (type?.value.case === 'tensorType' && type.value.value.elemType === half) {
      type.value.value.elemType = whole;
    }
  }
  return copy;
}

function widen(tensor: TensorProto): void {
  const { rawData } = tensor;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  // Where they are not raw, half floats lie bit by bit in integers.
  const values =
    rawData.length > 0
      ? Float32Array.from({ length: rawData.length / 2 }, (_, at) =>
          valueOfHalf(view.getUint16(2 * at, true)),
        )
      : Float32Array.from(tensor.int32Data, valueOfHalf);
  tensor.dataType = whole;
  tensor.rawData = new Uint8Array(values.buffer);
  tensor.int32Data = [];
}

/** The value of 16 bits: sign, five bits of exponent, ten of fraction. */
function valueOfHalf(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * Takes the casts from 32-bit floats to 32-bit floats, such as those that once led to half floats, out of a model
 * that `inWholeFloats` has copied; its nodes are changed in place.
 */
export async function withoutIdleCasts(model: OnnxGraphModel): Promise<OnnxGraphModel> {
  const { graph } = model;
  const casts = graph.node.filter((node) => castType(node) === whole);
  const forms = await formsOf(
    model,
    new GraphIndex(graph),
    casts.flatMap(({ input }) => input).filter((name) => graph.input.every((one) => one.name !== name)),
  );
  const inputs = new Set(graph.input.map(({ name }) => name));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const idle = casts.filter(
    ({ input: [from = ''] }) => inputs.has(from) || forms.get(from)?.type === 'float32',
  );
  let node = graph.node;
  for (const cast of idle) {
    const [from, to] = [cast.input[0]!, cast.output[0]!];
    // An output that is the input itself, or another output, needs the node for its name.
    if (outputs.has(to) && (inputs.has(from) || outputs.has(from))) continue;
    node = node.filter((one) => one !== cast);
    const [gone, name] = outputs.has(to) ? [from, to] : [to, from];
    const called = (names: readonly string[]) => names.map((one) => (one === gone ? name : one));
    for (const one of node) {
      one.input = called(one.input);
      one.output = called(one.output);
    }
  }
  return { ...model, graph: { ...graph, node } };
}
