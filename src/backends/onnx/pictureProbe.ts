import type { SizePx } from '../../core/geometry.js';
import { create } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType, NodeProtoSchema, TensorProto_DataType } from 'onnx-buf';
import { freeName, type GraphIndex } from './graph/graphIndex.js';
import type { OnnxGraphModel } from './graph/onnxFile.js';
import { type LoadedPart, loadPart } from './graph/runtime.js';
import { valueInfo, withGraph } from './graph/subgraph.js';
import type { TrunkEntry } from './inputTrunk.js';

/** The input of a model: one float picture [1, 3, H, W]. */
export interface PictureInput extends SizePx {
  readonly name: string;
}

/** How the values before a convolution change while a grey picture goes from black to white. */
export interface Response {
  /** Smallest and largest change of a value from black to white; Infinity and 0 if none changes. */
  readonly leastSpan: number;
  readonly mostSpan: number;
  /** Largest deviation of the greys between from a straight line, as a fraction of that change. */
  readonly bend: number;
}

const channelCount = 3;

/** Greys between black and white; more than one, because a curve may cross the straight line in the middle. */
const greyParts = [1 / 4, 3 / 4];

/** A channel that changes a value by less than this fraction of what another does changes it by rounding only. */
const rounding = 1 / 32;

/** Runs what a model does to pictures before its first convolution on pictures of one colour. */
export class PictureProbe {
  readonly #part: LoadedPart;
  readonly #input: PictureInput;
  readonly #black: Float32Array;

  private constructor(part: LoadedPart, input: PictureInput, black: Float32Array) {
    this.#part = part;
    this.#input = input;
    this.#black = black;
  }

  static async open(
    model: OnnxGraphModel,
    index: GraphIndex,
    entry: TrunkEntry,
    input: PictureInput,
  ): Promise<PictureProbe> {
    const part = await loadPart(partBefore(model, index, entry, input), 'what comes before the convolutions');
    return new PictureProbe(part, input, await runOn(part, input, [0, 0, 0]));
  }

  /**
   * The responses to pictures from 0 to each of two whites; values that neither changes, such as those of a margin, are
   * left out.
   */
  async respond(whites: readonly [number, number]): Promise<[Response, Response]> {
    const ends = [await this.#grey(whites[0]), await this.#grey(whites[1])] as const;
    const responses: Response[] = [];
    for (const [which, white] of whites.entries()) {
      const middles: Float32Array[] = [];
      for (const part of greyParts) middles.push(await this.#grey(part * white));
      responses.push(responseOf(this.#black, ends[which]!, ends[1 - which]!, middles));
    }
    return responses as [Response, Response];
  }

  /**
   * The channels of the input, as their places, in the order in which the convolution has them; null if a value
   * depends on more than one of them.
   */
  async channelOrder(white: number): Promise<readonly number[] | null> {
    const black = this.#black;
    const red = await this.#colour([white, 0, 0]);
    const green = await this.#colour([0, white, 0]);
    const blue = await this.#colour([0, 0, white]);
    const order: number[] = [];
    for (let at = 0; at < black.length; at++) {
      const byRed = Math.abs(red[at]! - black[at]!);
      const byGreen = Math.abs(green[at]! - black[at]!);
      const byBlue = Math.abs(blue[at]! - black[at]!);
      const most = Math.max(byRed, byGreen, byBlue);
      if (!(most > 0)) continue;
      if (byRed + byGreen + byBlue - most > most * rounding) return null;
      const channel = byRed === most ? 0 : byGreen === most ? 1 : 2;
      if (!order.includes(channel)) order.push(channel);
    }
    return order;
  }

  async close(): Promise<void> {
    await this.#part.close();
  }

  #grey(value: number): Promise<Float32Array> {
    return this.#colour([value, value, value]);
  }

  #colour(colour: readonly number[]): Promise<Float32Array> {
    return runOn(this.#part, this.#input, colour);
  }
}

/**
 * How values change from black over the greys to one white; values that neither this white nor the other changes are
 * left out.
 */
function responseOf(
  black: Float32Array,
  white: Float32Array,
  otherWhite: Float32Array,
  middles: readonly Float32Array[],
): Response {
  let [leastSpan, mostSpan, bend] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const [which, part] of greyParts.entries()) {
    const middle = middles[which]!;
    for (let at = 0; at < black.length; at++) {
      const from = black[at]!;
      if (white[at] === from && otherWhite[at] === from) continue;
      const span = white[at]! - from;
      leastSpan = Math.min(leastSpan, Math.abs(span));
      mostSpan = Math.max(mostSpan, Math.abs(span));
      bend = Math.max(bend, Math.abs((middle[at]! - from - part * span) / span));
    }
  }
  return { leastSpan, mostSpan, bend };
}

/** The operators before a convolution with its input, as 32-bit floats, for the output. */
function partBefore(
  model: OnnxGraphModel,
  index: GraphIndex,
  { conv, tensor }: TrunkEntry,
  input: PictureInput,
): OnnxGraphModel {
  const taken = index.names();
  const [real, float] = [freeName('before_convolution', taken), freeName('before_convolution_f32', taken)];
  // The convolution of bytes brings their scale along.
  const quantisation = conv.opType === 'QLinearConv' ? conv.input.slice(1, 3) : [];
  const opType = quantisation.length > 0 ? 'DequantizeLinear' : 'Identity';
  const to = {
    name: 'to',
    type: AttributeProto_AttributeType.INT,
    i: BigInt(TensorProto_DataType.FLOAT),
  };
  return withGraph(model, {
    nodes: [
      ...index.nodesBehind([tensor, ...quantisation]),
      create(NodeProtoSchema, { opType, input: [tensor, ...quantisation], output: [real] }),
      create(NodeProtoSchema, { opType: 'Cast', input: [real], output: [float], attribute: [to] }),
    ],
    inputs: model.graph.input.filter(({ name }) => name === input.name),
    outputs: [valueInfo(float)],
  });
}

/** What a part makes of a picture of one colour, given as R, G, B. */
async function runOn(
  part: LoadedPart,
  { name, widthPx, heightPx }: PictureInput,
  colour: readonly number[],
): Promise<Float32Array> {
  const areaPx = widthPx * heightPx;
  const data = new Float32Array(channelCount * areaPx);
  for (const [channel, value] of colour.entries()) {
    data.fill(value, channel * areaPx, (channel + 1) * areaPx);
  }
  return (await part.run(new Map([[name, { dims: [1, channelCount, heightPx, widthPx], data }]]))).data;
}
