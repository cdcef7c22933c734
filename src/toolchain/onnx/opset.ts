import { type NodeProto, TensorProto_DataType } from 'onnx-buf';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { nodesOf } from '../../backends/onnx/graph/walk.js';

/** The operator sets of ONNX that the vendor's hb_mapper for the X5 reads. */
export const vendorOpsets: readonly number[] = [10, 11];
/** The newest of them. */
export const newestVendorOpset = Math.max(...vendorOpsets);

/** The last opset that was looked up in the operator changelog of ONNX for what is said here. */
const lookedUpTo = 25;

/** Operators of networks such as YOLO that mean the same in opset 11 and later: later versions only added element types. */
const unchanged = new Set([
  ...['Add', 'Clip', 'Concat', 'Conv', 'ConvTranspose', 'Div', 'Exp', 'Flatten', 'Gather', 'Identity'],
  ...['GlobalAveragePool', 'LeakyRelu', 'MatMul', 'Mul', 'Neg', 'PRelu', 'Relu', 'Sigmoid', 'Slice'],
  ...['Sqrt', 'Sub', 'Tanh', 'Transpose'],
]);

/** The last of the element types that a Cast of opset 11 knows; bfloat16 and smaller floats have higher numbers. */
const newestCastType = BigInt(TensorProto_DataType.UINT64);

/** Operators of which a plain form did not change: what a node has that is not of that form, null if nothing. */
const plainForms: Readonly<Record<string, (node: NodeProto, value: AttributeValues) => string | null>> = {
  AveragePool: (_, { has, int, opset }) => {
    if (has('dilations')) return 'dilations since 19';
    return int('ceil_mode') === 1n && opset >= 19 ? 'ceil_mode counts otherwise since 19' : null;
  },
  Cast: (_, { int }) => (int('to') > newestCastType ? 'element types since 13' : null),
  Constant: (_, { has }) => (has('value') ? null : 'further value kinds since 12'),
  MaxPool: (_, { int, opset }) =>
    int('ceil_mode') === 1n && opset >= 22 ? 'ceil_mode counts otherwise since 22' : null,
  Reshape: (_, { has }) => (has('allowzero') ? 'allowzero since 14' : null),
  Resize: ({ input }, { has, int, text }) => {
    const policy = text('keep_aspect_ratio_policy');
    const later = [
      ...(int('antialias') === 0n ? [] : [`antialias=${int('antialias')}`]),
      ...(has('axes') ? ['axes'] : []),
      ...(policy === '' ? [] : [`keep_aspect_ratio_policy=${policy}`]),
    ];
    if (later.length > 0) return `${later.join(' and ')} since 18`;
    const mode = text('coordinate_transformation_mode');
    if (mode === 'half_pixel_symmetric') return `coordinate_transformation_mode=${mode} since 19`;
    // Region and scales may be left out since 13.
    return [1, 2].every((at) => (input[at] ?? '') !== '') ? null : 'region or scales left out, since 13';
  },
  ReduceMax: axesSince(18),
  ReduceMean: axesSince(18),
  ReduceSum: axesSince(13),
  Shape: (_, { has }) => (has('start') || has('end') ? 'start and end since 15' : null),
  // All dimensions from the axis on before, that one alone since; of the last dimension both are the same.
  Softmax: (_, { opset, int }) =>
    opset < 13 || int('axis') === -1n ? null : `axis ${int('axis')} means one dimension since 13`,
  Squeeze: axesSince(13),
  // Sizes are an input since 13, a count of parts may stand for them since 18.
  Split: ({ input }, { has }) =>
    input.length === 1 && !has('num_outputs') ? null : 'sizes as a computed input since 13',
  Unsqueeze: axesSince(13),
};

/** What changed in operators that have no form in opset 11 here. */
const changes: Readonly<Record<string, { readonly what: string; readonly since: number }>> = {
  BatchNormalization: { what: 'training form', since: 14 },
  DequantizeLinear: { what: 'scales per axis', since: 13 },
  LayerNormalization: { what: 'new', since: 17 },
  Pad: { what: 'axes', since: 18 },
  QuantizeLinear: { what: 'scales per axis', since: 13 },
};

/** Axes are an input since then; with none at all `noop_with_empty_axes` means that nothing is reduced. */
function axesSince(since: number) {
  return ({ input }: NodeProto, { int, opset }: AttributeValues): string | null => {
    if (opset < since) return null;
    if (input.length > 1) return `axes as a computed input since ${since}`;
    return int('noop_with_empty_axes') === 0n ? null : `noop_with_empty_axes since ${since}`;
  };
}

interface AttributeValues {
  readonly opset: number;
  readonly has: (name: string) => boolean;
  /** 0 where it is not written. */
  readonly int: (name: string) => bigint;
  /** Empty where it is not written. */
  readonly text: (name: string) => string;
}

function valuesOf({ attribute }: NodeProto, opset: number): AttributeValues {
  const find = (wanted: string) => attribute.find(({ name }) => name === wanted);
  return {
    opset,
    has: (name) => find(name) !== undefined,
    int: (name) => find(name)?.i ?? 0n,
    text: (name) => new TextDecoder().decode(find(name)?.s),
  };
}

/** Operators of one kind that stand between a model and the vendor's opset for one reason. */
export interface Blocker {
  readonly opType: string;
  readonly count: number;
  readonly why: string;
}

/** True for the domain of the ONNX standard, which files may leave out. */
export const isStandard = (domain: string) => domain === '' || domain === 'ai.onnx';

/** Version of the standard operators that a model uses; 1 where it names none, as ONNX has it. */
export function opsetOf(model: OnnxGraphModel): number {
  const standard = model.opsetImport.find(({ domain }) => isStandard(domain));
  return Number(standard?.version ?? 1);
}

/** Why a node does not mean the same in opset 11; null if it does. */
function whyChanged(node: NodeProto, opset: number): string | null {
  const { opType } = node;
  if (opset > lookedUpTo) return `not looked up for opset ${opset}, only up to ${lookedUpTo}`;
  if (unchanged.has(opType)) return null;
  const plain = plainForms[opType];
  if (plain !== undefined) return plain(node, valuesOf(node, opset));
  const change = changes[opType];
  if (change === undefined) return 'not known to be the same';
  return opset < change.since ? null : `${change.what} since ${change.since}`;
}

/** The operators of a model above the vendor's opset that mean something else there; none at or below it. */
export function opsetBlockers(model: OnnxGraphModel): Blocker[] {
  const opset = opsetOf(model);
  if (opset <= newestVendorOpset) return [];
  const blockers = new Map<string, Blocker>();
  for (const node of nodesOf(model.graph.node)) {
    const { opType, domain } = node;
    const why = isStandard(domain) ? whyChanged(node, opset) : null;
    if (why === null) continue;
    const count = (blockers.get(`${opType} ${why}`)?.count ?? 0) + 1;
    blockers.set(`${opType} ${why}`, { opType, count, why });
  }
  return [...blockers.values()].sort((a, b) => (a.opType < b.opType ? -1 : 1));
}

/** Operators outside the ONNX standard, which hb_mapper does not read either. */
export function foreignOperators(model: OnnxGraphModel): string[] {
  const foreign = [...nodesOf(model.graph.node)].filter(({ domain }) => !isStandard(domain));
  return [...new Set(foreign.map((node) => `${node.domain}.${node.opType}`))].sort();
}
