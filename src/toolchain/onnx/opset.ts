import { create } from '@bufbuild/protobuf';
import { type NodeProto, OperatorSetIdProtoSchema } from 'onnx-buf';
import { ModelContractError } from '../../core/errors.js';
import { withoutUnused } from '../../backends/onnx/graph/subgraph.js';
import { inOlderForms } from './olderForms.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { nodesOf } from '../../backends/onnx/graph/walk.js';

/** The operator sets of ONNX that the vendor's hb_mapper for the X5 reads. */
const vendorOpsets: readonly number[] = [10, 11];
const newest = Math.max(...vendorOpsets);

/** The newest version of the file format that hb_mapper's checker takes. */
const newestIr = 9;

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

/** Attributes that Resize has in opset 11 too. */
const resizeAttributes = new Set([
  ...['coordinate_transformation_mode', 'cubic_coeff_a', 'exclude_outside', 'extrapolation_value', 'mode'],
  'nearest_mode',
]);

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
  Resize: 'optional inputs since 13, further attributes since 18',
  Softmax: 'axis means one dimension since 13',
  Split: 'sizes as a computed input since 13',
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
  // Region and scales may be left out since 13; axes and further attributes came with 18.
  if (opType === 'Resize') {
    const isPlain = [...attributes].every((name) => resizeAttributes.has(name));
    return opset <= 18 && isPlain && [1, 2].every((at) => (input[at] ?? '') !== '');
  }
  if (opType === 'AveragePool') return opset <= 18;
  // Sizes are an input since 13, a count of parts may stand for them since 18.
  if (opType === 'Split') return opset <= 21 && input.length === 1 && !attributes.has('num_outputs');
  return opset <= (unchangedUpTo[opType] ?? 0);
}

function withOpset(model: OnnxGraphModel, opset: number): OnnxGraphModel {
  const opsetImport = model.opsetImport.map((one) =>
    one.domain === '' || one.domain === 'ai.onnx'
      ? create(OperatorSetIdProtoSchema, { domain: one.domain, version: BigInt(opset) })
      : one,
  );
  return { ...model, opsetImport };
}

/** True if hb_mapper reads the model as it is. */
export function isVendorForm(model: OnnxGraphModel): boolean {
  return vendorOpsets.includes(opsetOf(model)) && model.irVersion <= newestIr;
}

/**
 * The model as hb_mapper reads it: operators in the forms of opset 11, and called by that number, in a file of IR version
 * 9 at most. With `anyOpset` a model that cannot be written so stays as it is.
 *
 * Throws ModelContractError `opset`, with the operators that stand in the way.
 */
export function toVendorForm(path: string, model: OnnxGraphModel, anyOpset = false): OnnxGraphModel {
  const opset = opsetOf(model);
  const irVersion = model.irVersion > newestIr ? BigInt(newestIr) : model.irVersion;
  if (vendorOpsets.includes(opset)) return { ...model, irVersion };
  const older = opset > newest ? withoutUnused(inOlderForms(model)) : model;
  const blockers = opsetBlockers(older);
  const foreign = foreignOperators(older);
  if (opset > newest && blockers.length === 0 && foreign.length === 0) {
    return { ...withOpset(older, newest), irVersion };
  }
  if (anyOpset) return model;
  const expected = vendorOpsets.join(' and ');
  const lines = [
    `model ${path} has opset ${opset}; hb_mapper reads ${expected}, and it cannot be written so:`,
    ...(opset < newest ? [`  older than ${expected}`] : []),
    ...blockers.map(({ opType, count, why }) => `  ${count} x ${opType}: ${why}`),
    ...foreign.map((name) => `  ${name}: not of the ONNX standard`),
    'Export with opset=11; where torch writes 18 all the same, with its older exporter (dynamo=False). For ONNX Runtime the model is good as it is; `model heads --any-opset` cuts it for that.',
  ];
  const details = { path, opset, expected: vendorOpsets, blockers, foreign };
  throw new ModelContractError('opset', lines.join('\n'), details);
}

/**
 * Throws ModelContractError `opset` unless hb_mapper reads the model as it is; the remedy is `model heads` where that can
 * write it so.
 */
export function checkVendorForm(path: string, model: OnnxGraphModel): void {
  if (isVendorForm(model)) return;
  toVendorForm(path, model);
  const found = `opset ${opsetOf(model)} and IR version ${model.irVersion}`;
  const expected = `${vendorOpsets.join(' or ')} and at most ${newestIr}`;
  throw new ModelContractError(
    'opset',
    `model ${path} has ${found}; hb_mapper reads ${expected}: \`model heads ${path} -o NEW.onnx\` writes it so`,
    { path, opset: opsetOf(model), irVersion: Number(model.irVersion) },
  );
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
function foreignOperators(model: OnnxGraphModel): string[] {
  const foreign = [...nodesOf(model.graph.node)].filter(
    ({ domain }) => domain !== '' && domain !== 'ai.onnx',
  );
  return [...new Set(foreign.map((node) => `${node.domain}.${node.opType}`))].sort();
}
