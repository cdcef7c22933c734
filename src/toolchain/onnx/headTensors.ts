import type { NodeProto } from 'onnx-buf';
import { ModelContractError } from '../../core/errors.js';
import type { GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import type { StockHeads } from '../../model/stockHeads.js';
import { type OutputForm, outputForms } from '../../backends/onnx/graph/runtime.js';
import { valueInfo, withGraph } from '../../backends/onnx/graph/subgraph.js';

/** A tensor of raw values over the grid of one level, the last before the export's own decoding. */
export interface HeadTensor {
  readonly name: string;
  /** The convolution that makes it; the tensor itself if that has no name. */
  readonly convName: string;
  /** [1, C, H, W] */
  readonly dims: readonly [number, number, number, number];
  /** Model pixels per cell. */
  readonly downsample: number;
}

/** Operators that only finish a convolution: an unfused bias, normalisation or fake quantisation. */
const finishing = new Set(['Add', 'BatchNormalization', 'QuantizeLinear', 'DequantizeLinear', 'Identity']);

/**
 * Finds the head tensors behind the decoded rows of a stock export, nine for three levels: going back from the rows,
 * the first convolutions whose output is a grid over the input on one of the levels. Names play no part.
 *
 * Throws ModelContractError `head_convolutions` with what was found if they are not three per level.
 */
export async function findHeadTensors(
  model: OnnxGraphModel,
  index: GraphIndex,
  stock: StockHeads,
): Promise<HeadTensor[]> {
  const passed = new Set<NodeProto>();
  for (;;) {
    const convs = convsBehind(index, stock.rows.spec.name, passed);
    const forms = await formsOf(
      model,
      index,
      convs.map((conv) => conv.output[0]!),
    );
    const notHeads = convs.filter((conv) => gridOf(forms.get(conv.output[0]!), stock) === null);
    if (notHeads.length === 0) return checked(index, convs, forms, stock);
    // The convolution of the DFL: what it decodes lies behind it.
    for (const conv of notHeads) passed.add(conv);
  }
}

/** The first convolutions behind a tensor, in the graph's order; `passed` ones are looked through. */
function convsBehind(index: GraphIndex, tensor: string, passed: ReadonlySet<NodeProto>): NodeProto[] {
  const found = new Set<NodeProto>();
  const seen = new Set<string>();
  const open = [tensor];
  while (open.length > 0) {
    const name = open.pop()!;
    const node = index.producerOf(name);
    if (node === undefined || seen.has(name)) continue;
    seen.add(name);
    if (node.opType === 'Conv' && !passed.has(node)) found.add(node);
    // What a Shape reads is not decoded; exports for dynamic sizes make their anchors so.
    else if (node.opType !== 'Shape') open.push(...node.input);
  }
  return index.graph.node.filter((node) => found.has(node));
}

/** Shapes and element types of tensors inside the model. */
export async function formsOf(
  model: OnnxGraphModel,
  index: GraphIndex,
  tensors: readonly string[],
): Promise<ReadonlyMap<string, OutputForm>> {
  if (tensors.length === 0) return new Map();
  const nodes = index.nodesBehind(tensors);
  const outputs = tensors.map((name) => valueInfo(name));
  return outputForms(withGraph(model, { nodes, inputs: model.graph.input, outputs }), 'the convolutions');
}

function gridOf(
  form: OutputForm | undefined,
  { inputWidthPx, inputHeightPx, downsamples }: StockHeads,
): number | null {
  if (form?.dims.length !== 4 || form.dims[0] !== 1) return null;
  const { dims } = form;
  const downsample = inputHeightPx / dims[2]!;
  return downsamples.includes(downsample) && dims[3]! * downsample === inputWidthPx ? downsample : null;
}

function checked(
  index: GraphIndex,
  convs: readonly NodeProto[],
  forms: ReadonlyMap<string, OutputForm>,
  stock: StockHeads,
): HeadTensor[] {
  const heads = convs.map((conv): HeadTensor => {
    const form = forms.get(conv.output[0]!)!;
    const name = lastOf(index, conv);
    const convName = conv.name === '' ? name : conv.name;
    return { name, convName, dims: form.dims as HeadTensor['dims'], downsample: gridOf(form, stock)! };
  });
  const { downsamples } = stock;
  const counts = downsamples.map(
    (downsample) => heads.filter((head) => head.downsample === downsample).length,
  );
  if (counts.every((count) => count === 3)) return heads;
  const found = heads.map(
    (head) => `  ${head.convName} [${head.dims.join(', ')}], downsample ${head.downsample}`,
  );
  const expected = downsamples.map(() => 3);
  throw new ModelContractError(
    'head_convolutions',
    [
      `behind the decoded rows there are not three convolutions on each of the levels ${downsamples.join(', ')}`,
      `  expected ${expected.join(', ')}; found ${counts.join(', ')}`,
      ...found,
    ],
    { expected, found: counts },
  );
}

/** What a convolution's output is once its unfused bias, normalisation or fake quantisation is done. */
function lastOf(index: GraphIndex, conv: NodeProto): string {
  let name = conv.output[0]!;
  for (;;) {
    const next = index.onlyReaderOf(name);
    if (next === undefined || !finishing.has(next.opType)) return name;
    if (!next.input.every((other) => other === name || other === '' || index.isConstant(other))) return name;
    name = next.output[0]!;
  }
}
