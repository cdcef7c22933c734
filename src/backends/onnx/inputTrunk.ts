import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from './graph/graphIndex.js';
import type { OnnxGraphModel } from './graph/onnxFile.js';
import { outputForms } from './graph/runtime.js';
import { valueInfo, withGraph } from './graph/subgraph.js';
import { readsOf } from './graph/walk.js';

/** A convolution the network begins with, and what a picture goes through before it. */
export interface TrunkEntry {
  readonly conv: NodeProto;
  /** What it reads. */
  readonly tensor: string;
  /** The operators between input and convolution, in the graph's order. */
  readonly way: readonly NodeProto[];
}

/** Convolutions, with the place of their weights among the inputs. */
const weightsAt: ReadonlyMap<string, number> = new Map([
  ['Conv', 1],
  ['FusedConv', 1],
  ['QLinearConv', 3],
]);

/** Operators whose output depends on the size of the picture alone. */
const asksSize = new Set(['Shape', 'Size']);

/** A convolution with more outputs than a picture has channels makes features. */
const pictureChannels = 3;

/** A convolution over several pixels and channels, by its attributes alone. */
function isPlainTrunk({ opType, attribute }: NodeProto): boolean {
  const find = (name: string) => attribute.find((one) => one.name === name);
  const spansPixels = find('kernel_shape')?.ints.some((size) => size > 1n) ?? false;
  return opType === 'Conv' && spansPixels && (find('group')?.i ?? 0n) <= 1n;
}

/** True if the picture goes into the network's convolutions as it is. */
export function isReadByTrunkAlone(index: GraphIndex, inputName: string): boolean {
  const readers = index.readersOf(inputName).filter(({ opType }) => !asksSize.has(opType));
  return readers.length > 0 && readers.every(isPlainTrunk);
}

/** [outputs, inputs of a group, ...kernel] of a convolution; null if its weights are not in the file. */
async function weightDims(
  model: OnnxGraphModel,
  index: GraphIndex,
  weights: string,
): Promise<readonly number[] | null> {
  const stored = model.graph.initializer.find(({ name }) => name === weights);
  if (stored !== undefined) return stored.dims.map(Number);
  if (!index.isConstant(weights)) return null;
  const nodes = index.nodesBehind([weights]);
  const part = withGraph(model, { nodes, inputs: [], outputs: [valueInfo(weights)] });
  return (await outputForms(part, 'the weights of the first convolution')).get(weights)!.dims;
}

/**
 * Whether the network begins with a node; else it is part of what is done to the picture, such as a scale per channel.
 */
async function beginsTrunk(model: OnnxGraphModel, index: GraphIndex, node: NodeProto): Promise<boolean> {
  // Its scale follows the picture's own brightness, so nothing can be read from what comes behind.
  if (node.opType === 'DynamicQuantizeLinear') return true;
  const weights = node.input[weightsAt.get(node.opType) ?? -1];
  if (weights === undefined) return false;
  if (isPlainTrunk(node)) return true;
  const dims = await weightDims(model, index, weights);
  if (dims === null) return true;
  const [outputs, inputs, ...kernel] = dims;
  return outputs! > pictureChannels || (inputs! > 1 && kernel.some((size) => size > 1));
}

/**
 * Finds the convolutions that the picture reaches first. A place where the picture joins features that the network has
 * already made is none of them.
 */
export async function findTrunk(
  model: OnnxGraphModel,
  index: GraphIndex,
  inputName: string,
): Promise<TrunkEntry[]> {
  const pictures = new Set([inputName]);
  const features = new Set<string>();
  const way: NodeProto[] = [];
  const entries: TrunkEntry[] = [];
  for (const node of model.graph.node) {
    const reads = readsOf(node);
    const picture = reads.find((name) => pictures.has(name));
    const meetsFeatures = reads.some((name) => features.has(name));
    if ((picture === undefined && !meetsFeatures) || asksSize.has(node.opType)) continue;
    const begins = !meetsFeatures && (await beginsTrunk(model, index, node));
    if (begins) {
      const behind = new Set(index.nodesBehind([picture!]));
      entries.push({ conv: node, tensor: picture!, way: way.filter((one) => behind.has(one)) });
    }
    if (!begins && !meetsFeatures) way.push(node);
    for (const name of node.output) (begins || meetsFeatures ? features : pictures).add(name);
  }
  return entries;
}
