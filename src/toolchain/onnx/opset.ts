import type { NodeProto } from 'onnx-buf';
import type { OnnxGraphModel } from './onnxFile.js';
import { nodesOf } from './walk.js';

/** The operator sets of ONNX that the vendor's hb_mapper for the X5 reads. */
export const vendorOpsets: readonly number[] = [10, 11];
const newest = Math.max(...vendorOpsets);

/**
 * Operators of networks such as YOLO that mean the same in opset 11 and later, with the last opset for which
 * that was looked up in the operator changelog of ONNX; later versions only added element types.
 */
const unchangedUpTo: Readonly<Record<string, number>> = {
  Add: 21,
  Cast: 18,
  Clip: 21,
  Concat: 21,
  Conv: 21,
  ConvTranspose: 21,
  Div: 21,
  Exp: 21,
  Flatten: 20,
  Gather: 21,
  GlobalAveragePool: 21,
  Identity: 20,
  LeakyRelu: 21,
  MatMul: 21,
  MaxPool: 21,
  Mul: 21,
  Neg: 21,
  PRelu: 21,
  Relu: 21,
  Sigmoid: 21,
  Slice: 21,
  Sqrt: 21,
  Sub: 21,
  Tanh: 21,
  Transpose: 20,
};

/** What changed in operators that block an older opset. */
const changes: Readonly<Record<string, string>> = {
  AveragePool: 'dilations since 19',
  BatchNormalization: 'training form since 14',
  Constant: 'further value kinds since 12',
  DequantizeLinear: 'scales per axis since 13',
  LayerNormalization: 'since 17',
  Pad: 'axes since 18',
  QuantizeLinear: 'scales per axis since 13',
  ReduceMax: 'axes as input since 18',
  ReduceMean: 'axes as input since 18',
  ReduceSum: 'axes as input since 13',
  Reshape: 'allowzero since 14',
  Resize: 'optional inputs since 13',
  Softmax: 'axis means one dimension since 13',
  Split: 'sizes as input since 13',
  Squeeze: 'axes as input since 13',
  Unsqueeze: 'axes as input since 13',
};

/** Operators of one kind that stand between a model and the vendor's opset. */
export interface Blocker {
  readonly opType: string;
  readonly count: number;
  readonly why: string;
}

export function opsetOf(model: OnnxGraphModel): number {
  const standard = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return Number(standard?.version ?? 1);
}

function isUnchanged({ opType, attribute, input }: NodeProto, opset: number): boolean {
  const attributes = new Set(attribute.map(({ name }) => name));
  // These have a plain form that did not change.
  if (opType === 'Constant') return attributes.has('value');
  if (opType === 'Reshape') return !attributes.has('allowzero') && opset <= 20;
  // Region and scales may be left out since 13.
  if (opType === 'Resize') return opset <= 17 && [1, 2].every((at) => (input[at] ?? '') !== '');
  if (opType === 'AveragePool') return opset <= 18;
  if (opType === 'Split') return opset <= 12;
  return opset <= (unchangedUpTo[opType] ?? 0);
}

/** The operators of a model above the vendor's opset that mean something else there; none at or below it. */
export function opsetBlockers(model: OnnxGraphModel): Blocker[] {
  const opset = opsetOf(model);
  if (opset <= newest) return [];
  const counts = new Map<string, number>();
  for (const node of nodesOf(model.graph.node)) {
    const isStandard = node.domain === '' || node.domain === 'ai.onnx';
    if (!isStandard || isUnchanged(node, opset)) continue;
    counts.set(node.opType, (counts.get(node.opType) ?? 0) + 1);
  }
  return [...counts]
    .map(([opType, count]) => ({ opType, count, why: changes[opType] ?? 'not known to be the same' }))
    .sort((a, b) => (a.opType < b.opType ? -1 : 1));
}

/** Operators outside the ONNX standard, which hb_mapper does not read either. */
export function foreignOperators(model: OnnxGraphModel): string[] {
  const foreign = [...nodesOf(model.graph.node)].filter(
    ({ domain }) => domain !== '' && domain !== 'ai.onnx',
  );
  return [...new Set(foreign.map((node) => `${node.domain}.${node.opType}`))].sort();
}
