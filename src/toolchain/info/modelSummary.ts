import type { SizePx } from '../../core/geometry.js';
import { namelessClasses } from '../../model/classNames.js';
import { counted, shown } from '../../core/words.js';
import { describeError, SegError } from '../../core/errors.js';
import { onlyOf } from '../../core/onlyOf.js';
import { isRank4, type TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { layTable } from '../../core/table.js';
import { spannedBytes, tensorFault } from '../../model/tensorCheck.js';
import { figure } from '../text/figure.js';
import { describeHead, namedHeads } from '../../model/namedHeads.js';
import { type InfoModel, type InfoTensor, specOfInfo } from './modelInfoText.js';

/** Range of a tensor's scales; null for a tensor without. */
export interface ScaleRange {
  readonly count: number;
  readonly axis: number | null;
  readonly least: number;
  readonly median: number;
  readonly greatest: number;
}

/** One input or output, for people and scripts. */
export interface TensorSummary {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: string;
  readonly strideBytes: readonly number[];
  readonly sizeBytes: number | null;
  /** What the tool calls the layout, where it does. */
  readonly layoutLabel: string | null;
  readonly scales: ScaleRange | null;
  /** `cls8`, `box16`, `coef32`, `proto`, `rows`; null where not resolved. */
  readonly head: string | null;
}

/** A model's tensors and whether this node can run it. */
export interface ModelSummary {
  readonly name: string;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  /** What is to be known of the input, one line each. */
  readonly notes: readonly string[];
  /** How the heads were read; null if they were not. */
  readonly form: string | null;
  readonly classNames: readonly string[] | null;
  /** Null if the node can run the model. */
  readonly obstacle: string | null;
}

function rangeOf(values: Iterable<number>, axis: number | null): ScaleRange | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [least] = sorted;
  const greatest = sorted.at(-1);
  if (least === undefined || greatest === undefined) return null;
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { count: sorted.length, axis, least, median, greatest };
}

/** What was made of a model's heads. */
export interface HeadReading {
  readonly form: string | null;
  /** Meaning of outputs by their names. */
  readonly heads: ReadonlyMap<string, string>;
  /** Null where nobody gives names. */
  readonly classNames: readonly string[] | null;
  /** Why the heads cannot be read; null if they can. */
  readonly obstacle: string | null;
}

/** The heads and names that `resolve` finds, or why it finds none. */
export function readingOf(
  resolve: () => { readonly heads: ResolvedHeads; readonly classNames: readonly string[] | null },
): HeadReading {
  try {
    const { heads, classNames } = resolve();
    return { form: heads.form, heads: meanings(heads), classNames, obstacle: null };
  } catch (error) {
    if (!(error instanceof SegError)) throw error;
    return unread(describeError(error));
  }
}

function meanings(heads: ResolvedHeads): Map<string, string> {
  if (heads.kind !== 'raw') {
    return new Map([
      [heads.rows.spec.name, 'rows'],
      [heads.proto.spec.name, 'proto'],
    ]);
  }
  return new Map(
    namedHeads(heads).map(({ output, role, downsample }) => [output, describeHead(role, downsample)]),
  );
}

function unread(obstacle: string): HeadReading {
  return { form: null, heads: new Map(), classNames: null, obstacle };
}

/** Of a model that the node refuses before it asks for the tensors. */
export function summariseUnread(name: string, obstacle: string): ModelSummary {
  return { name, inputs: [], notes: [], outputs: [], form: null, classNames: null, obstacle };
}

/** Summary of an ONNX model: one float input [1, 3, H, W], outputs as they come. */
export function summariseOnnx(model: {
  readonly name: string;
  readonly inputName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly notes: readonly string[];
  readonly outputs: readonly TensorSpec[];
  readonly reading: HeadReading;
}): ModelSummary {
  const { widthPx, heightPx, reading } = model;
  const plain = { sizeBytes: null, layoutLabel: null, scales: null };
  return {
    name: model.name,
    inputs: [
      {
        ...plain,
        name: model.inputName,
        dims: [1, 3, heightPx, widthPx],
        type: 'f32',
        strideBytes: [],
        head: null,
      },
    ],
    outputs: model.outputs.map(({ name, dims, type, strideBytes }) => ({
      ...plain,
      name,
      dims,
      type,
      strideBytes,
      head: reading.heads.get(name) ?? null,
    })),
    notes: model.notes,
    form: reading.form,
    classNames: reading.classNames,
    obstacle: reading.obstacle,
  };
}

/** NV12 shapes are printed as [1, 3, H, W]; some tools print [1, H, W, 3]. */
function inputSize({ validShape }: InfoTensor): SizePx | null {
  if (!isRank4(validShape)) return null;
  const [, a, b, c] = validShape;
  return a === 3 ? { heightPx: b, widthPx: c } : { heightPx: a, widthPx: b };
}

/** What is made of the outputs of a model whose input has that size. */
type HeadResolver = (
  outputs: readonly TensorSpec[],
  input: SizePx,
) => ReturnType<Parameters<typeof readingOf>[0]>;

/**
 * The heads by a listing of the model's tensors.
 *
 * @param resolve Without it by the listing alone, which has neither names of classes nor values.
 */
export function readInfoHeads(
  { inputs, outputs }: InfoModel,
  resolve: HeadResolver = (specs, size) => ({ heads: resolveHeads(specs, size), classNames: null }),
): HeadReading {
  const input = onlyOf(inputs);
  const size = input === undefined ? null : inputSize(input);
  if (input === undefined || size === null) {
    const shapes = inputs.slice(0, 1).map(({ validShape }) => `, the first [${validShape.join(', ')}]`);
    const found = `${counted(inputs.length, 'input')}${shapes.join('')}`;
    return unread(`the model has ${found}; expected one picture [1, 3, H, W]`);
  }
  let tensors: { readonly tensor: InfoTensor; readonly spec: TensorSpec }[];
  try {
    tensors = outputs.map((tensor) => ({ tensor, spec: specOfInfo(tensor) }));
  } catch (error) {
    if (!(error instanceof SegError)) throw error;
    return unread(describeError(error));
  }
  for (const { tensor, spec } of tensors) {
    const { name, alignedByteSize } = tensor;
    if (alignedByteSize === null || tensorFault(spec) !== null) continue;
    const needed = spannedBytes(spec);
    if (alignedByteSize >= needed) continue;
    return unread(`output ${name} has ${alignedByteSize} bytes; its strides reach over ${needed}`);
  }
  const specs = tensors.map(({ spec }) => spec);
  const reading = readingOf(() => resolve(specs, size));
  const isFed = /NV12|_RGB$/.test(input.type);
  if (reading.obstacle !== null || isFed) return reading;
  const remedy = 'convert again with `model ptq`';
  return {
    ...reading,
    obstacle: `the input is ${input.type}; on the BPU the node feeds NV12 or RGB: ${remedy}`,
  };
}

/**
 * Summary of a model as `hrt_model_exec model_info` prints it.
 *
 * @param reading What the node makes of the model itself, where that could be asked; else the text alone is judged.
 * @param notes What else is to be known of it.
 */
export function summariseInfo(
  model: InfoModel,
  reading: HeadReading = readInfoHeads(model),
  notes: readonly string[] = [],
): ModelSummary {
  const summarise = (tensor: InfoTensor): TensorSummary => ({
    name: tensor.name,
    dims: tensor.validShape,
    type: tensor.type.replace(/^HB_DNN_(?:TENSOR|IMG)_TYPE_/, ''),
    strideBytes: tensor.strideBytes,
    sizeBytes: tensor.alignedByteSize,
    layoutLabel: tensor.layoutLabel?.replace(/^HB_DNN_LAYOUT_/, '') ?? null,
    scales: rangeOf(tensor.scales, tensor.quantizeAxis),
    head: reading.heads.get(tensor.name) ?? null,
  });
  return {
    name: model.name,
    inputs: model.inputs.map(summarise),
    outputs: model.outputs.map(summarise),
    notes,
    form: reading.form,
    classNames: reading.classNames,
    obstacle: reading.obstacle,
  };
}

function describeScales(scales: ScaleRange | null): string {
  if (scales === null) return '-';
  const { count, axis, least, median, greatest } = scales;
  if (count === 1) return `one scale ${least.toExponential(3)}`;
  const range = [least, median, greatest].map((value) => value.toExponential(2)).join(' .. ');
  return `${counted(count, 'scale')}${axis === null ? '' : ` on axis ${axis}`}: ${range}`;
}

function tensorRow(side: string, tensor: TensorSummary): string[] {
  const { name, dims, type, strideBytes, sizeBytes, layoutLabel, scales, head } = tensor;
  return [
    side,
    name,
    `[${dims.join(', ')}]`,
    type,
    strideBytes.length === 0 ? '-' : strideBytes.join(' '),
    sizeBytes === null ? '-' : figure(sizeBytes, 0),
    layoutLabel ?? '-',
    head ?? '-',
    describeScales(scales),
  ];
}

/** `80: person, bicycle, ...`. */
export function describeNames(names: readonly string[]): string {
  const first = names.slice(0, 8).map(shown).join(', ');
  return `${names.length}: ${first}${names.length > 8 ? ', ...' : ''}`;
}

/** Tensors as rows of a table without headings, one line each. */
export function tensorLines(tensors: readonly TensorSummary[]): string[] {
  return layTable(
    tensors.map((tensor) => tensorRow('', tensor).slice(1)),
    { indent: '' },
  );
}

/** The summary for a terminal. */
export function summaryAsText(summary: ModelSummary): string {
  const { name, inputs, outputs, notes, form, classNames, obstacle } = summary;
  const headings = ['', 'name', 'shape', 'type', 'strides', 'bytes', 'label', 'head', 'quantisation'];
  const rows = [
    ...inputs.map((tensor) => tensorRow('in', tensor)),
    ...outputs.map((tensor) => tensorRow('out', tensor)),
  ];
  const filled = headings.map((_, column) => rows.some((row) => row[column] !== '-'));
  const filledRows = [headings, ...rows].map((row) => row.filter((_, column) => filled[column]));
  const lines = [
    shown(name),
    ...(rows.length === 0 ? [] : layTable(filledRows)),
    ...notes,
    ...(form === null ? [] : [`heads: ${form}`]),
    ...(classNames === null
      ? form === null
        ? []
        : [namelessClasses]
      : [`classes: ${describeNames(classNames)}`]),
    obstacle === null ? 'this node can run it' : `this node cannot run it: ${obstacle}`,
  ];
  return `${lines.join('\n')}\n`;
}
