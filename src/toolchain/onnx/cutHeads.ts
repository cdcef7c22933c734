import { clone, create } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType, type NodeProto, NodeProtoSchema, type ValueInfoProto } from 'onnx-buf';
import { OnnxModel } from '../../backends/onnx/model.js';
import { ModelContractError } from '../../core/errors.js';
import { counted } from '../../core/words.js';
import { packedSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import type { RawHeads } from '../../model/rawHeads.js';
import type { StockHeads } from '../../model/stockHeads.js';
import { checkDecoding } from './checkDecoding.js';
import { loadTail } from './decodedTail.js';
import { freeName, GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import type { HeadRole } from '../../model/headLayout.js';
import type { NamedRoles } from '../../model/headRoles.js';
import { namesOneToOne, oneToOnePrefix } from '../../model/layerNames.js';
import { type NamedHead, nameHeads } from './headNames.js';
import { findHeadTensors } from './headTensors.js';
import { encodeModel, type OnnxGraphModel, readOnnxFile } from '../../backends/onnx/graph/onnxFile.js';
import { opsetOf } from './opset.js';
import { inVendorForm, inVendorFormIfPossible, isVendorForm } from './vendorForm.js';
import { rowsBehindResults } from './resultRows.js';
import { missingInCompiled, resolveExport } from './outputHeads.js';
import { type PreparedExport, prepareExport, withFileOf } from './preparedExport.js';
import { outputForms } from '../../backends/onnx/graph/runtime.js';
import { valueInfo, withGraph } from '../../backends/onnx/graph/subgraph.js';

/**
 * How the ten outputs follow each other.
 *
 * seed: coefficients, boxes, classes of all levels, prototype; zoo: classes, box, coefficients of each
 * level, prototype.
 */
export type HeadOrder = 'seed' | 'zoo';
/** Orders of outputs that `model heads` writes: of the seed's export and of the model zoo's. */
export const headOrders = ['seed', 'zoo'] as const satisfies readonly HeadOrder[];

/** How a stock export is to be cut. */
export interface CutOptions {
  readonly order: HeadOrder;
  /** Take opsets hb_mapper does not read. */
  readonly anyOpset: boolean;
}

/** One output of a cut model. */
export interface CutOutput {
  readonly name: string;
  /** [1, H, W, C] */
  readonly dims: readonly number[];
  /** The node it comes from, which hb_mapper's log names; the tensor for the prototype. */
  readonly from: string;
  /** Null for the prototype, and where nothing was cut. */
  readonly role: HeadRole | null;
}

/** A model that ends in raw heads. */
export interface CutModel {
  readonly bytes: Uint8Array;
  readonly outputs: readonly CutOutput[];
  /** Outputs of the export beside the rows and the prototype, which the cut model lacks. */
  readonly leftOut: readonly string[];
  /** One line, as the node logs it. */
  readonly form: string;
  /** What was done to the export before, to have 32-bit floats and a fixed size; empty if nothing. */
  readonly changes: readonly string[];
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  readonly opsetBefore: number;
  readonly opsetAfter: number;
  /** Whether hb_mapper reads the result. */
  readonly isVendorForm: boolean;
  /** What the model compiled from it will lack; null if nothing. */
  readonly missingInCompiled: string | null;
  /** Largest difference between our decoding and the export's on made-up heads; null if there was nothing to cut. */
  readonly worstDifference: number | null;
}

const integerSteps = ({ graph }: OnnxGraphModel) =>
  graph.node.filter(({ opType }) => /^(?:Dynamic)?QuantizeLinear$/.test(opType));

/** True where heads could not be told by their values, and the graph rounds values to integers. */
function isUnreadByIntegers(error: unknown, model: OnnxGraphModel): boolean {
  const isUnread = error instanceof ModelContractError && ['head_roles', 'decoding'].includes(error.code);
  return isUnread && integerSteps(model).length > 0;
}

function refuseIntegers(path: string, model: OnnxGraphModel): ModelContractError {
  const { length } = integerSteps(model);
  const what = `model ${path} computes in integers already, in ${counted(length, 'place')} (QuantizeLinear)`;
  const why = 'its heads cannot be told apart by their values, and hb_mapper quantises itself';
  const remedy = 'take the float export it was made of';
  return new ModelContractError('quantised', `${what}: ${why}; ${remedy}`, { places: length });
}

/**
 * Cuts a stock export of a YOLOv8, YOLOv9, YOLO11 or YOLO26 segmentation model, also an end-to-end one, down to its
 * raw heads: nine tensors and the prototype, all NHWC.
 *
 * The heads are found by structure and told apart by running the export's own decoding, which is also compared
 * with ours. Throws ConfigError for a path that cannot be read and ModelContractError for a model that is no
 * such export (`already_cut` if it has raw heads and nothing is to be done) or whose opset hb_mapper does not read (`opset`).
 */
export async function cutHeads(path: string, { order, anyOpset }: CutOptions): Promise<CutModel> {
  const prepared = await prepareExport(await readOnnxFile(path));
  const { model, changes } = prepared;
  const found = await withFileOf(prepared, path, (file) => exportHeadsOf(path, file));
  if (found.kind === 'raw') return rewriteOnly(path, prepared, found);
  const index = new GraphIndex(model.graph);
  const stock = found.kind === 'stock' ? found : await rowsBehindResults(model, index, found);
  const rowsName = stock.rows.spec.name;
  const heads = await findHeadTensors(model, index, stock);
  const tail = await loadTail(model, index, heads, rowsName);
  let named: NamedHead[];
  let worstDifference: number;
  try {
    named = await nameHeads(tail, heads, stock);
    worstDifference = await checkDecoding(tail, named, stock, found.kind === 'stock' ? 'centre' : 'corners');
  } catch (error) {
    throw isUnreadByIntegers(error, model) ? refuseIntegers(path, model) : error;
  } finally {
    await tail.close();
  }
  const cut = buildCut(model, index, named, stock, order);
  const finished = anyOpset ? inVendorFormIfPossible(cut.model) : inVendorForm(path, cut.model, 'export');
  return {
    bytes: encodeModel(finished),
    outputs: cut.outputs,
    leftOut: model.graph.output
      .map(({ name }) => name)
      .filter((name) => name !== found.rows.spec.name && name !== found.proto.spec.name),
    form: await checkOutputs(finished, cut.outputs, stock),
    changes,
    nodesBefore: model.graph.node.length,
    nodesAfter: finished.graph.node.length,
    opsetBefore: opsetOf(cut.model),
    opsetAfter: opsetOf(finished),
    isVendorForm: isVendorForm(finished),
    missingInCompiled: null,
    worstDifference,
  };
}

/**
 * A model that has raw heads, written as hb_mapper reads it. Throws ModelContractError `already_cut` if it is so already,
 * `opset` if it cannot be.
 */
function rewriteOnly(path: string, { model, changes }: PreparedExport, heads: RawHeads): CutModel {
  if (isVendorForm(model) && changes.length === 0) {
    const missing = missingInCompiled(heads);
    const what = `model ${path} has raw heads already: ${heads.form}; nothing was written, use it as it is`;
    throw new ModelContractError('already_cut', missing === null ? what : `${what}; ${missing}`, {
      path,
      form: heads.form,
    });
  }
  const finished = inVendorForm(path, model, 'heads');
  const grids = [...heads.levels.flatMap(({ cls, box, coef }) => [cls, box, coef]), heads.proto];
  return {
    bytes: encodeModel(finished),
    outputs: grids
      .toSorted((a, b) => a.outputIndex - b.outputIndex)
      .map(({ spec: { name, dims } }) => ({ name, dims, from: name, role: null })),
    leftOut: [],
    form: heads.form,
    changes,
    nodesBefore: model.graph.node.length,
    nodesAfter: finished.graph.node.length,
    opsetBefore: opsetOf(model),
    opsetAfter: opsetOf(finished),
    isVendorForm: true,
    missingInCompiled: missingInCompiled(heads),
    worstDifference: null,
  };
}

/** The heads of an export, read from `file`. Throws ModelContractError for any other model. */
async function exportHeadsOf(path: string, file: string): Promise<ResolvedHeads> {
  const model = await OnnxModel.open(file, 0);
  try {
    return resolveExport(path, model);
  } finally {
    await model.close();
  }
}

const seedRoles: readonly HeadRole[] = ['coef', 'box', 'cls'];
const zooRoles: readonly HeadRole[] = ['cls', 'box', 'coef'];

function inOrder(heads: readonly NamedHead[], order: HeadOrder): NamedHead[] {
  const level = (head: NamedHead) => head.downsample;
  const rank = ({ role }: NamedHead) => (order === 'seed' ? seedRoles : zooRoles).indexOf(role);
  return heads.toSorted((a, b) =>
    order === 'seed' ? rank(a) - rank(b) || level(a) - level(b) : level(a) - level(b) || rank(a) - rank(b),
  );
}

function transposeToNhwc(name: string, input: string, output: string): NodeProto {
  const perm = { name: 'perm', type: AttributeProto_AttributeType.INTS, ints: [0n, 2n, 3n, 1n] };
  return create(NodeProtoSchema, {
    name,
    opType: 'Transpose',
    input: [input],
    output: [output],
    attribute: [perm],
  });
}

/**
 * True if the convolutions that make boxes and classes are called those of one-to-one heads, or their weights are, as
 * old exporters number the nodes.
 */
function areOneToOne(index: GraphIndex, heads: readonly NamedHead[]): boolean {
  return heads.every(({ role, convName }) => {
    if (role === 'coef') return true;
    const conv = index.graph.node.find((node) => node.name === convName);
    return [convName, ...(conv?.input ?? [])].some(namesOneToOne);
  });
}

/** Nodes that call a tensor otherwise. */
function renamed(nodes: readonly NodeProto[], from: string, to: string): NodeProto[] {
  const called = (names: readonly string[]) => names.map((name) => (name === from ? to : name));
  return nodes.map((node) =>
    node.input.includes(from) || node.output.includes(from)
      ? Object.assign(clone(NodeProtoSchema, node), {
          input: called(node.input),
          output: called(node.output),
        })
      : node,
  );
}

function buildCut(
  model: OnnxGraphModel,
  index: GraphIndex,
  heads: readonly NamedHead[],
  { proto }: StockHeads,
  order: HeadOrder,
): { model: OnnxGraphModel; outputs: CutOutput[] } {
  const taken = index.names();
  const transposes: NodeProto[] = [];
  const outputs: CutOutput[] = [];
  const infos: ValueInfoProto[] = [];
  const put = (
    wanted: string,
    tensor: string,
    dims: readonly number[],
    from: string,
    role: HeadRole | null,
  ) => {
    const name = freeName(wanted, taken);
    transposes.push(transposeToNhwc(freeName(`${wanted}_nhwc`, taken), tensor, name));
    infos.push(valueInfo(name, dims));
    outputs.push({ name, dims, from, role });
  };
  // By this the node knows, also in a compiled model, that NMS has nothing to do.
  const prefix = areOneToOne(index, heads) ? oneToOnePrefix : '';
  for (const { role, downsample, name, convName, dims } of inOrder(heads, order)) {
    put(`${prefix}${role}${downsample}`, name, [1, dims[2], dims[3], dims[1]], convName, role);
  }
  const { heightCells, widthCells, channels, spec } = proto;
  const protoDims = [1, heightCells, widthCells, channels];
  let behind = index.nodesBehind([...heads.map(({ name }) => name), spec.name]);
  if (proto.channelAxis === 1) put('proto', spec.name, protoDims, spec.name, null);
  else {
    const name = freeName('proto', taken);
    behind = renamed(behind, spec.name, name);
    infos.push(valueInfo(name, protoDims));
    outputs.push({ name, dims: protoDims, from: spec.name, role: null });
  }
  const nodes = [...behind, ...transposes];
  const used = new Set(nodes.flatMap((node) => node.input));
  const inputs = model.graph.input.filter(({ name }) => used.has(name));
  return { model: withGraph(model, { nodes, inputs, outputs: infos }), outputs };
}

/** What the outputs of a cut model mean. */
export function rolesOf(outputs: readonly CutOutput[]): NamedRoles {
  return new Map(outputs.flatMap(({ name, role }) => (role === null ? [] : [[name, role] as const])));
}

/** Loads the cut model and makes sure that its outputs are what is promised and what the node can run. */
async function checkOutputs(
  model: OnnxGraphModel,
  outputs: readonly CutOutput[],
  stock: StockHeads,
): Promise<string> {
  const forms = await outputForms(model, 'the result');
  for (const { name, dims } of outputs) {
    const found = forms.get(name)?.dims;
    if (found?.join() === dims.join()) continue;
    throw new ModelContractError(
      'cut_shape',
      `output ${name} of the cut model: expected [${dims.join(', ')}], found [${found?.join(', ') ?? 'nothing'}]`,
      { name, expected: dims, found },
    );
  }
  const specs = outputs.map(({ name, dims }) => packedSpec(name, dims));
  const size = { widthPx: stock.inputWidthPx, heightPx: stock.inputHeightPx };
  return resolveHeads(specs, size, { classCount: stock.classCount, roles: rolesOf(outputs) }).form;
}
