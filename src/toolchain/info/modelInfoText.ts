import { onlyOf } from '../../core/onlyOf.js';
import { counted } from '../../core/words.js';
import { ConfigError, ModelContractError } from '../../core/errors.js';
import { packedStrideBytes, type TensorSpec } from '../../core/tensor.js';
import { elementTypeOf, quantisationOf } from '../../model/vendorTensor.js';
import { readLogLines } from '../text/logLines.js';

/** A tensor as `hrt_model_exec model_info` prints it; names and labels are the tool's own. */
export interface InfoTensor {
  readonly name: string;
  /** `HB_DNN_INPUT_FROM_PYRAMID`; null for outputs. */
  readonly inputSource: string | null;
  readonly validShape: readonly number[];
  readonly alignedShape: readonly number[];
  readonly alignedByteSize: number | null;
  /** `HB_DNN_TENSOR_TYPE_S32`. */
  readonly type: string;
  /** `HB_DNN_LAYOUT_NCHW`; it is wrong on real models, so nothing is decided by it. */
  readonly layoutLabel: string | null;
  /** `NONE`, `SCALE` or `SHIFT`. */
  readonly quantiType: string;
  /** Bytes; all 0 for NV12 inputs, empty where the tool prints none. */
  readonly strideBytes: readonly number[];
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly shifts: readonly number[];
  /** Null where the tool prints none: one value for the whole tensor. */
  readonly quantizeAxis: number | null;
}

/** A tensor of which nothing is known but name, shape and type. */
export function plainTensor(name: string, dims: readonly number[], type: string): InfoTensor {
  return {
    name,
    inputSource: null,
    validShape: dims,
    alignedShape: dims,
    alignedByteSize: null,
    type,
    layoutLabel: null,
    quantiType: 'NONE',
    strideBytes: [],
    scales: [],
    zeroPoints: [],
    shifts: [],
    quantizeAxis: null,
  };
}

/** A model as hb_model_info prints it. */
export interface InfoModel {
  readonly name: string;
  readonly inputs: readonly InfoTensor[];
  readonly outputs: readonly InfoTensor[];
}

/** What `hrt_model_exec model_info` prints of one file; a file may pack several models. */
export interface ModelInfoText {
  readonly runtimeVersion: string | null;
  readonly builderVersion: string | null;
  readonly models: readonly InfoModel[];
}

interface OpenTensor {
  readonly side: 'input' | 'output';
  readonly index: number;
  readonly line: number;
  readonly fields: Map<string, string>;
}

interface OpenModel {
  readonly name: string;
  readonly tensors: OpenTensor[];
}

const fieldPattern = /^\s*(\w[\w ]*?)\s*:\s*(.*)$/;
const tensorPattern = /^\s*(input|output)\[(\d+)\]\s*:/;

/** Reads `1,2,3,` or `(1,2,3,)`. */
function readNumbers(text: string | undefined): number[] {
  return (text ?? '')
    .replace(/[()[\]]/g, '')
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number);
}

function finishTensor({ side, index, line, fields }: OpenTensor, model: string): InfoTensor {
  const where = `${side}[${index}] of ${model} (line ${line})`;
  const need = (field: string): string => {
    const value = fields.get(field);
    if (value !== undefined && value !== '') return value;
    throw new ConfigError(
      'model_info_incomplete',
      `${where} has no "${field}"; the text is cut off or not whole`,
      {
        model,
        side,
        index,
        field,
        found: [...fields.keys()],
      },
    );
  };
  const shape = (field: string): number[] => {
    const dims = readNumbers(need(field));
    if (dims.length > 0 && dims.length <= 8 && dims.every((dim) => Number.isInteger(dim) && dim > 0))
      return dims;
    throw new ConfigError(
      'model_info_shape',
      `${where}: "${field}" is ${need(field)}; expected 1 to 8 positive integers`,
      {
        model,
        side,
        index,
      },
    );
  };
  const size = readNumbers(fields.get('aligned byte size'))[0];
  const axis = readNumbers(fields.get('quantizeaxis') ?? fields.get('quantize axis'))[0];
  const validShape = shape('valid shape');
  return {
    name: need('name'),
    inputSource: fields.get('input source') ?? null,
    validShape,
    alignedShape: fields.has('aligned shape') ? shape('aligned shape') : validShape,
    alignedByteSize: size ?? null,
    type: need('tensor type'),
    layoutLabel: fields.get('tensor layout') ?? null,
    quantiType: (fields.get('quanti type') ?? 'NONE').toUpperCase(),
    strideBytes: readNumbers(fields.get('stride')),
    scales: readNumbers(fields.get('scale data')),
    zeroPoints: readNumbers(fields.get('zero point data') ?? fields.get('zero point')),
    shifts: readNumbers(fields.get('shift data') ?? fields.get('shift')),
    quantizeAxis: axis ?? null,
  };
}

/** True for text that begins like the tool's. */
export function looksLikeModelInfo(text: string): boolean {
  return /\[model name\]\s*:/.test(text) || /^\s*(?:input|output)\[\d+\]\s*:/m.test(text);
}

/**
 * Reads what `hrt_model_exec model_info --model_file FILE` printed, whatever surrounds it.
 *
 * Throws ConfigError `no_model_info`, `model_info_incomplete` or `model_info_shape`, naming model and tensor.
 */
export function readModelInfo(text: string, path: string): ModelInfoText {
  const models: OpenModel[] = [];
  let model: OpenModel | null = null;
  const open = (name: string): OpenModel => {
    const opened = { name, tensors: [] };
    models.push(opened);
    return opened;
  };
  let runtimeVersion: string | null = null;
  let builderVersion: string | null = null;
  let tensor: OpenTensor | null = null;
  for (const { text: line, number } of readLogLines(text)) {
    runtimeVersion = /Runtime version = (\S+(?: HBRT\))?)/.exec(line)?.[1] ?? runtimeVersion;
    builderVersion = /model builder version = (\S+)/.exec(line)?.[1] ?? builderVersion;
    const modelName = /\[model name\]\s*:\s*(\S.*)$/.exec(line)?.[1];
    if (modelName !== undefined) {
      model = open(modelName);
      tensor = null;
      continue;
    }
    const start = tensorPattern.exec(line);
    if (start !== null) {
      const side = start[1] === 'input' ? 'input' : 'output';
      tensor = { side, index: Number(start[2]), line: number, fields: new Map() };
      model ??= open('model');
      model.tensors.push(tensor);
      continue;
    }
    if (/^-{5,}/.test(line)) tensor = null;
    const [, field, value] = fieldPattern.exec(line) ?? [];
    if (field !== undefined && value !== undefined) tensor?.fields.set(field.toLowerCase(), value.trim());
  }
  const read = models.map(({ name, tensors }): InfoModel => {
    const side = (wanted: 'input' | 'output') =>
      tensors.filter((one) => one.side === wanted).map((one) => finishTensor(one, name));
    return { name, inputs: side('input'), outputs: side('output') };
  });
  const empty = read.find((model) => model.inputs.length === 0 || model.outputs.length === 0);
  if (read.length === 0 || empty !== undefined) {
    const found =
      empty === undefined
        ? 'no model'
        : `${empty.name} with ${counted(empty.inputs.length, 'input')} and ${counted(empty.outputs.length, 'output')}`;
    const expected = '[model name], input[0], output[0] ...';
    const message = `${path} is not the whole text of \`hrt_model_exec model_info\`: found ${found}`;
    throw new ConfigError('no_model_info', `${message}; expected ${expected}`, { path });
  }
  return { runtimeVersion, builderVersion, models: read };
}

/**
 * The tensor as post-processing reads it: type, valid shape, byte strides, quantisation.
 *
 * Throws ModelContractError `model_output_type` for an element type post-processing cannot read and `tensor_axis`
 * for scales that fit no axis.
 */
export function specOfInfo(tensor: InfoTensor): TensorSpec {
  const { name, validShape: dims } = tensor;
  const type = elementTypeOf(name, tensor.type);
  const given = tensor.strideBytes.length === dims.length && tensor.strideBytes.some((stride) => stride > 0);
  const strideBytes = given ? tensor.strideBytes : packedStrideBytes(tensor.alignedShape, type);
  const values = { SCALE: tensor.scales, SHIFT: tensor.shifts }[tensor.quantiType] ?? [];
  // The tool prints the type of some outputs without any values.
  const quantiType = values.length > 0 ? tensor.quantiType : 'NONE';
  const quantisation = quantisationOf(quantiType, tensor, (count) => axisOf(tensor, count));
  return { name, type, dims, strideBytes, quantisation };
}

/** One value needs no axis; several without a printed axis lie along the only axis of that length. */
function axisOf({ name, validShape, quantizeAxis }: InfoTensor, count: number): number {
  if (quantizeAxis !== null) return quantizeAxis;
  if (count === 1) return validShape.length - 1;
  const fitting = validShape.flatMap((size, axis) => (size === count ? [axis] : []));
  const only = onlyOf(fitting);
  if (only !== undefined) return only;
  const found = `${count} quantisation values and no axis; ${fitting.length} axes fit`;
  throw new ModelContractError('tensor_axis', `output ${name} [${validShape.join(', ')}] has ${found}`, {
    name,
    count,
    fitting,
  });
}
