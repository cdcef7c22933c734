import { ModelContractError } from '../../core/errors.js';
import { GraphIndex } from './graph/graphIndex.js';
import { readOnnxFile } from './graph/onnxFile.js';
import { findTrunk, isReadByTrunkAlone, type TrunkEntry } from './inputTrunk.js';
import { type PictureInput, PictureProbe, type Response } from './pictureProbe.js';

type WhiteValue = 1 | 255;

/** What a model's input holds, and what shows it. */
export interface InputRange {
  /** Value of white: 1, or 255 where the graph normalises bytes itself. */
  readonly whiteValue: WhiteValue;
  /** The operators before the first convolution, for messages; empty if there are none. */
  readonly by: string;
}

/** What somebody who feeds the model has to know; empty for 0..1. */
export function describeInputRange({ whiteValue, by }: InputRange): string[] {
  return whiteValue === 1 ? [] : [`the model takes 0..255 and scales that itself (${by})`];
}

/**
 * From black to white a network's own values change by at least this much; fed with 0 and 1 in place of 0 and 255, by a
 * 255th of it.
 */
const leastSpan = 1 / 2;
const mostSpanOfUnits = 1 / 32;

/** Deviation that rounding to bytes and half floats explains; a curve, or a cast of 0..1 to integers, deviates more. */
const mostBend = 1 / 32;

/**
 * Finds out what range the model expects: what it does to pictures before its first convolution is run on black, grey
 * and white of 0..1 and of 0..255. No operator has to be known for that, and constants may be made as they like.
 *
 * Throws ModelContractError `model_input_range` if neither range fits, or the channels are mixed or reordered.
 *
 * @param index The model's operators, without weights; the rest is read only if something comes before the convolution.
 */
export async function readInputRange(
  index: GraphIndex,
  input: PictureInput,
  modelPath: string,
): Promise<InputRange> {
  if (isReadByTrunkAlone(index, input.name)) return { whiteValue: 1, by: '' };
  const model = await readOnnxFile(modelPath);
  const whole = new GraphIndex(model.graph);
  const entries = await findTrunk(model, whole, input.name);
  if (entries.length === 0) {
    throw new ModelContractError(
      'model_input_range',
      `model ${modelPath}: no convolution gets the input ${input.name} before it meets other values, so that its range cannot be told; expected a YOLO segmentation model`,
      { modelPath },
    );
  }
  const ranges: InputRange[] = [];
  for (const entry of entries) {
    const probe = await PictureProbe.open(model, whole, entry, input);
    try {
      ranges.push(await judge(probe, entry, modelPath));
    } finally {
      await probe.close();
    }
  }
  const other = ranges.findIndex(({ whiteValue }) => whiteValue !== ranges[0]!.whiteValue);
  if (other >= 0) {
    const both = [0, other].map(
      (at) => `${named(entries[at]!.conv)} takes its input as 0..${ranges[at]!.whiteValue}`,
    );
    throw refuse(modelPath, entries[other]!, both.join(', but '));
  }
  return ranges.toSorted((a, b) => b.by.length - a.by.length)[0]!;
}

const named = ({ opType, name }: { readonly opType: string; readonly name: string }) =>
  name === '' ? opType : `${opType} ${name}`;

async function judge(probe: PictureProbe, entry: TrunkEntry, modelPath: string): Promise<InputRange> {
  const order = await probe.channelOrder(255);
  if (order === null)
    throw refuse(modelPath, entry, 'that mixes the colour channels, which are fed as R, G, B');
  if (order.length === 0) throw refuse(modelPath, entry, 'what it gets does not change with the picture');
  const names = order.map((channel) => 'RGB'[channel]).join('');
  if (names !== 'RGB') {
    const readings = `either the model expects B, G, R and its network R, G, B, or the other way round`;
    throw refuse(modelPath, entry, `that reorders the channels, fed as R, G, B, to ${names}; ${readings}`);
  }
  const [units, bytes] = await probe.respond([1, 255]);
  const isStraight = ({ leastSpan: least, bend }: Response) => least >= leastSpan && bend <= mostBend;
  const takesBytes = units.mostSpan <= mostSpanOfUnits && isStraight(bytes);
  if (!takesBytes && !isStraight(units)) throw refuse(modelPath, entry, describeResponses(units, bytes));
  return {
    whiteValue: takesBytes ? 255 : 1,
    by: entry.way.map(named).join(', '),
  };
}

function describeResponses(units: Response, bytes: Response): string {
  const describe = ({ leastSpan: least, mostSpan: most, bend }: Response) => {
    const [from, to] = [least, most].map((span) => span.toPrecision(3));
    const way = from === to ? from : `${from} to ${to}`;
    return bend <= mostBend ? way : `${way}, greys not in proportion`;
  };
  return [
    `from black to white a picture of 0..1 is ${describe(units)} there, one of 0..255 ${describe(bytes)}`,
    'expected about 1 from one of them, and greys between in proportion',
  ].join('; ');
}

function refuse(modelPath: string, { conv, way }: TrunkEntry, found: string): ModelContractError {
  const operators = way.map(named).join(', ');
  const before = operators === '' ? '' : ` comes ${operators}`;
  return new ModelContractError(
    'model_input_range',
    `model ${modelPath}: what it takes cannot be told. Before ${named(conv)}${before}: ${found}. Scale and order of the channels are the node's: export the model without it`,
    { modelPath, convolution: conv.name, operators: way.map(({ name }) => name) },
  );
}
