import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { exportPath } from '../toolchain/exports.js';

/** Opset 12, so that every kind of Constant can be had; 96 wide, 160 high. */
export const plainPath = exportPath('v8-2-classes-96x160-opset12');
export const [widthPx, heightPx] = [96, 160];
export const areaPx = widthPx * heightPx;

/** Nodes and constants that make `pixels` of `images`. */
export interface Prelude {
  readonly nodes: readonly NodeProto[];
  readonly stored?: readonly TensorProto[];
}

const int = AttributeProto_AttributeType.INT;

function attribute(name: string, value: number | readonly number[] | TensorProto): AttributeProto {
  if (Array.isArray(value)) {
    const ints = value.map(BigInt);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints });
  }
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: int, i: BigInt(value) });
  const t = value as TensorProto;
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.TENSOR, t });
}

export function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[] | TensorProto>> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: `to_${output}`,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });
}

export function floats(name: string, values: readonly number[], dims: readonly number[] = []): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    dims: dims.map(BigInt),
    floatData: [...values],
  });
}

function integers(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.INT64,
    dims: dims.map(BigInt),
    int64Data: values.map(BigInt),
  });
}

function byte(name: string, value: number): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.UINT8,
    dims: [],
    int32Data: [value],
  });
}

export const toFloat = { to: TensorProto_DataType.FLOAT };
export const divided = (by: string) => node('Div', ['images', by], 'pixels');
export const white = floats('white', [255]);

/** A Constant whose value is an attribute of its own kind. */
function constant(output: string, kind: MessageInitShape<typeof AttributeProtoSchema>): NodeProto {
  const made = node('Constant', [], output);
  made.attribute.push(create(AttributeProtoSchema, kind));
  return made;
}

export const swap: Prelude = {
  stored: [integers('order', [2, 1, 0])],
  nodes: [node('Gather', ['images', 'order'], 'swapped', { axis: 1 })],
};

export function swappedBySlices(output: string): Prelude {
  const slice = (at: number) => node('Slice', ['images', `at${at}`, `at${at + 1}`, 'channels'], `plane${at}`);
  return {
    stored: [...[0, 1, 2, 3].map((at) => integers(`at${at}`, [at])), integers('channels', [1])],
    nodes: [...[0, 1, 2].map(slice), node('Concat', ['plane2', 'plane1', 'plane0'], output, { axis: 1 })],
  };
}

const batchNormalised = (variance: number): Prelude => ({
  stored: [
    floats('scale', [1, 1, 1], [3]),
    floats('shift', [0, 0, 0], [3]),
    floats('mean', [0, 0, 0], [3]),
    floats('variance', [variance, variance, variance], [3]),
  ],
  nodes: [node('BatchNormalization', ['images', 'scale', 'shift', 'mean', 'variance'], 'pixels')],
});

export const convolved = (weights: readonly number[], dims: readonly number[], group: number): Prelude => ({
  stored: [floats('weights', weights, dims)],
  nodes: [node('Conv', ['images', 'weights'], 'pixels', { group })],
});
const diagonal = (value: number) =>
  [0, 1, 2].flatMap((row) => [0, 1, 2].map((at) => (at === row ? value : 0)));

/** Preludes that take 0..255 and give what the plain model takes. */
export const ofBytes: Readonly<Record<string, Prelude>> = {
  'an initialiser': { stored: [white], nodes: [divided('white')] },
  'Identity of an initialiser': {
    stored: [white],
    nodes: [node('Identity', ['white'], 'same'), divided('same')],
  },
  'an integer cast to float': {
    stored: [integers('count', [255], [])],
    nodes: [node('Cast', ['count'], 'real', toFloat), divided('real')],
  },
  'half floats cast to float': {
    stored: [
      create(TensorProtoSchema, {
        name: 'half',
        dataType: TensorProto_DataType.FLOAT16,
        // 255 in half floats
        int32Data: [0x5bf8],
      }),
    ],
    nodes: [node('Cast', ['half'], 'real', toFloat), divided('real')],
  },
  'Constant value_float': {
    nodes: [
      constant('real', { name: 'value_float', type: AttributeProto_AttributeType.FLOAT, f: 255 }),
      divided('real'),
    ],
  },
  'Constant value_floats': {
    nodes: [
      constant('real', { name: 'value_floats', type: AttributeProto_AttributeType.FLOATS, floats: [255] }),
      divided('real'),
    ],
  },
  'Constant value_int': {
    nodes: [
      constant('count', { name: 'value_int', type: int, i: 255n }),
      node('Cast', ['count'], 'real', toFloat),
      divided('real'),
    ],
  },
  'a root': {
    stored: [floats('square', [65025])],
    nodes: [node('Sqrt', ['square'], 'root'), divided('root')],
  },
  'a product of constants': {
    stored: [floats('a', [15]), floats('b', [17])],
    nodes: [node('Mul', ['a', 'b'], 'both'), divided('both')],
  },
  'a reshaped constant': {
    stored: [floats('three', [255, 255, 255], [3]), integers('planes', [1, 3, 1, 1])],
    nodes: [node('Reshape', ['three', 'planes'], 'each'), divided('each')],
  },
  'a constant for every pixel': {
    stored: [floats('field', new Array(3 * areaPx).fill(255), [1, 3, heightPx, widthPx])],
    nodes: [divided('field')],
  },
  'a clip before': {
    stored: [white, floats('least', [0])],
    nodes: [
      node('Clip', ['images', 'least', 'white'], 'clipped'),
      node('Div', ['clipped', 'white'], 'pixels'),
    ],
  },
  'a clip behind': {
    stored: [white, floats('least', [0]), floats('most', [1])],
    nodes: [node('Div', ['images', 'white'], 'parts'), node('Clip', ['parts', 'least', 'most'], 'pixels')],
  },
  'a margin that is cut off again': {
    stored: [
      white,
      integers('margin', [0, 0, 32, 0, 0, 0, 32, 0]),
      integers('begin', [32]),
      integers('end', [32 + heightPx]),
      integers('rows', [2]),
    ],
    nodes: [
      node('Pad', ['images', 'margin'], 'wide'),
      node('Slice', ['wide', 'begin', 'end', 'rows'], 'cut'),
      node('Div', ['cut', 'white'], 'pixels'),
    ],
  },
  'other shapes between': {
    stored: [white, integers('flat', [1, 3, -1]), integers('whole', [1, 3, heightPx, widthPx])],
    nodes: [
      node('Reshape', ['images', 'flat'], 'line'),
      node('Div', ['line', 'white'], 'scaled'),
      node('Reshape', ['scaled', 'whole'], 'pixels'),
    ],
  },
  'bytes between': {
    stored: [floats('one', [1]), byte('zero', 0), floats('step', [1 / 255])],
    nodes: [
      node('QuantizeLinear', ['images', 'one', 'zero'], 'bytes'),
      node('DequantizeLinear', ['bytes', 'step', 'zero'], 'pixels'),
    ],
  },
  'a cast to bytes': {
    stored: [white],
    nodes: [
      node('Cast', ['images'], 'bytes', { to: TensorProto_DataType.UINT8 }),
      node('Cast', ['bytes'], 'real', toFloat),
      node('Div', ['real', 'white'], 'pixels'),
    ],
  },
  'a batch normalisation': batchNormalised(65025),
  'a convolution of single pixels and channels': convolved([1 / 255, 1 / 255, 1 / 255], [3, 1, 1, 1], 3),
  'a convolution of single pixels': convolved(diagonal(1 / 255), [3, 3, 1, 1], 1),
  'two nodes that read the input': {
    stored: [floats('half', [1 / 510])],
    nodes: [
      node('Mul', ['images', 'half'], 'left'),
      node('Mul', ['images', 'half'], 'right'),
      node('Add', ['left', 'right'], 'pixels'),
    ],
  },
  'half floats on the way': {
    stored: [white],
    nodes: [
      node('Cast', ['images'], 'halves', { to: TensorProto_DataType.FLOAT16 }),
      node('Cast', ['halves'], 'reals', toFloat),
      node('Div', ['reals', 'white'], 'pixels'),
    ],
  },
};

/** Preludes that take 0..1 and give what the plain model takes. */
export const ofUnits: Readonly<Record<string, Prelude>> = {
  Identity: { nodes: [node('Identity', ['images'], 'pixels')] },
  'half floats': {
    nodes: [
      node('Cast', ['images'], 'halves', { to: TensorProto_DataType.FLOAT16 }),
      node('Cast', ['halves'], 'pixels', toFloat),
    ],
  },
  'bytes between': {
    stored: [byte('zero', 0), floats('step', [1 / 255])],
    nodes: [
      node('QuantizeLinear', ['images', 'step', 'zero'], 'bytes'),
      node('DequantizeLinear', ['bytes', 'step', 'zero'], 'pixels'),
    ],
  },
  'a clip': {
    stored: [floats('least', [0]), floats('most', [1])],
    nodes: [node('Clip', ['images', 'least', 'most'], 'pixels')],
  },
  'a batch normalisation': batchNormalised(1),
  'a convolution of single pixels': convolved([1, 1, 1], [3, 1, 1, 1], 3),
};
