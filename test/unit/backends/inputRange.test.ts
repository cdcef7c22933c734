import { create } from '@bufbuild/protobuf';
import { type NodeProto, NodeProtoSchema, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { OnnxModel } from '#dist/backends/onnx/model.js';
import type { SegError } from '#dist/core/errors.js';
import { changedModel, testFolder } from '../toolchain/exports.js';
import {
  areaPx,
  convolved,
  divided,
  floats,
  heightPx,
  node,
  ofBytes,
  ofUnits,
  type Prelude,
  plainPath,
  swap,
  swappedBySlices,
  toFloat,
  white,
  widthPx,
} from './preludes.js';

function withPrelude({ nodes, stored = [] }: Prelude): string {
  return changedModel(plainPath, testFolder(), ({ graph }) => {
    const takes = (one: NodeProto) => {
      one.input = one.input.map((name) => (name === 'images' ? 'pixels' : name));
    };
    graph.node.forEach(takes);
    graph.node.unshift(...nodes);
    graph.initializer.push(...stored);
  });
}

/** A picture of bytes in 0..1, the same each time; `order` of its planes. */
function picture(): ArrayBuffer {
  const values = new Float32Array(3 * areaPx);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < areaPx; at++) {
      values[channel * areaPx + at] = ((at * 7 + channel * 61 + (at >> 5)) % 256) / 255;
    }
  }
  return values.buffer;
}

async function outputsOf(path: string, input: ArrayBuffer) {
  const model = await OnnxModel.open(path, 1);
  try {
    await model.run(input);
    const outputs = model.borrowedOutputs.map(({ data }) => Float32Array.from(data as Float32Array));
    return { range: model.inputRange, outputs };
  } finally {
    await model.close();
  }
}

/** That a model and the plain one, each fed as it wants to be, give the same, within the rounding of half floats. */
async function expectAlike(path: string, whiteValue: number): Promise<void> {
  const [plain, found] = [await outputsOf(plainPath, picture()), await outputsOf(path, picture())];
  expect(plain.range).toMatchObject({ whiteValue: 1, by: '' });
  expect(found.range.whiteValue).toBe(whiteValue);
  for (const [at, expected] of plain.outputs.entries()) {
    const most = expected.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1);
    const worst = expected.reduce(
      (greatest, value, index) => Math.max(greatest, Math.abs(value - found.outputs[at]![index]!)),
      0,
    );
    expect(worst).toBeLessThan(most / 200);
  }
}

async function refusal(path: string): Promise<SegError> {
  const outcome = await OnnxModel.open(path, 1).catch((error: unknown) => error as SegError);
  if (outcome instanceof OnnxModel) {
    const { whiteValue } = outcome.inputRange;
    await outcome.close();
    throw new Error(`opened as 0..${whiteValue}`);
  }
  return outcome;
}

describe('a model that takes 0..255 is fed so, whatever its /255 is made of:', () => {
  it.each(Object.entries(ofBytes))('%s', async (_, prelude) => {
    await expectAlike(withPrelude(prelude), 255);
  });

  it('mean and deviation of bytes', async () => {
    const path = withPrelude({
      stored: [
        floats('mean', [123.7, 116.3, 103.5], [1, 3, 1, 1]),
        floats('deviation', [58.4, 57.1, 57.4], [1, 3, 1, 1]),
      ],
      nodes: [node('Sub', ['images', 'mean'], 'centred'), node('Div', ['centred', 'deviation'], 'pixels')],
    });
    const { range } = await outputsOf(path, picture());
    expect(range).toEqual({ whiteValue: 255, by: 'Sub to_centred, Div to_pixels' });
  });
});

describe('a model that takes 0..1 is fed so, whatever comes first:', () => {
  it.each(Object.entries(ofUnits))('%s', async (_, prelude) => {
    await expectAlike(withPrelude(prelude), 1);
  });

  it('mean and deviation of 0..1', async () => {
    const path = withPrelude({
      stored: [
        floats('mean', [0.485, 0.456, 0.406], [1, 3, 1, 1]),
        floats('deviation', [0.229, 0.224, 0.225], [1, 3, 1, 1]),
      ],
      nodes: [node('Sub', ['images', 'mean'], 'centred'), node('Div', ['centred', 'deviation'], 'pixels')],
    });
    expect((await outputsOf(path, picture())).range.whiteValue).toBe(1);
  });
});

describe('a model of bytes inside', () => {
  /** With the first convolution of bytes, whose input has the scale `step` there. */
  const quantised = (before: readonly NodeProto[], bytes: string, step: number) =>
    changedModel(plainPath, testFolder(), ({ graph }) => {
      const at = graph.node.findIndex(({ opType }) => opType === 'Conv');
      const { attribute, output } = graph.node[at]!;
      const zero = { dataType: TensorProto_DataType.UINT8, dims: [], int32Data: [0] };
      const weights = { dataType: TensorProto_DataType.UINT8, dims: [4n, 3n, 4n, 4n] };
      graph.initializer.push(
        floats('step', [step]),
        floats('one', [1]),
        create(TensorProtoSchema, { ...zero, name: 'zero' }),
        create(TensorProtoSchema, { ...weights, name: 'bytes_w', rawData: new Uint8Array(192).fill(1) }),
      );
      const inputs = [bytes, 'step', 'zero', 'bytes_w', 'one', 'zero', 'one', 'zero'];
      const conv = Object.assign(node('QLinearConv', inputs, 'q'), { attribute });
      const real = node('DequantizeLinear', ['q', 'one', 'zero'], output[0]!);
      graph.node.splice(at, 1, ...before, conv, real);
    });

  it.each([
    [1, 255, 'one'],
    [1 / 255, 1, 'step'],
  ])('counts the scale that its first convolution brings: bytes of %d', async (_, whiteValue, unit) => {
    const bytes = node('QuantizeLinear', ['images', unit, 'zero'], 'bytes');
    const path = quantised([bytes], 'bytes', 1 / 255);
    expect((await outputsOf(path, picture())).range.whiteValue).toBe(whiteValue);
  });

  it('is judged before a scale that follows each picture', async () => {
    const path = changedModel(plainPath, testFolder(), ({ graph }) => {
      const conv = graph.node.find(({ opType }) => opType === 'Conv')!;
      const dynamic = node('DynamicQuantizeLinear', ['parts'], 'bytes');
      dynamic.output.push('step', 'zero');
      conv.input[0] = 'pixels';
      graph.initializer.push(white);
      graph.node.unshift(
        node('Div', ['images', 'white'], 'parts'),
        dynamic,
        node('DequantizeLinear', ['bytes', 'step', 'zero'], 'pixels'),
      );
    });
    expect((await outputsOf(path, picture())).range).toMatchObject({ whiteValue: 255, by: 'Div to_parts' });
  });
});

describe('a model whose range cannot be told is refused:', () => {
  it.each([
    ['Gather', swap],
    ['Slice and Concat', swappedBySlices('swapped')],
  ])('a swap of red and blue by %s, with both readings', async (_, { nodes, stored }) => {
    const ofUnits = withPrelude({
      stored: stored!,
      nodes: [...nodes, node('Identity', ['swapped'], 'pixels')],
    });
    const ofBytes = withPrelude({
      stored: [...stored!, white],
      nodes: [...nodes, node('Div', ['swapped', 'white'], 'pixels')],
    });
    for (const path of [ofUnits, ofBytes]) {
      const { code, message } = await refusal(path);
      expect(code).toBe('model_input_range');
      expect(message).toMatch(
        /reorders .* to BGR; either the model expects B, G, R .* or the other way round/,
      );
    }
  });

  it.each<[string, Prelude, RegExp]>([
    [
      'a scale of neither range',
      { stored: [floats('odd', [16])], nodes: [divided('odd')] },
      /Div to_pixels.*black to white.*0\.\.1 is 0\.0625.*0\.\.255 15\.9/s,
    ],
    [
      'a curve',
      { stored: [floats('gamma', [2.2])], nodes: [node('Pow', ['images', 'gamma'], 'pixels')] },
      /Pow to_pixels.*not in proportion/s,
    ],
    [
      'a cast to bytes without a scale',
      {
        nodes: [
          node('Cast', ['images'], 'bytes', { to: TensorProto_DataType.UINT8 }),
          node('Cast', ['bytes'], 'pixels', toFloat),
        ],
      },
      /Cast to_bytes, Cast to_pixels/,
    ],
    [
      'channels that are mixed',
      convolved([0.3, 0.6, 0.1, -0.15, -0.3, 0.45, 0.5, -0.45, -0.05], [3, 3, 1, 1], 1),
      /Conv to_pixels.*mixes the colour channels/s,
    ],
    [
      'one scale for each channel of another range',
      {
        stored: [floats('odd', [255, 255, 1], [1, 3, 1, 1])],
        nodes: [divided('odd')],
      },
      /Div to_pixels/,
    ],
    [
      'no picture at all',
      {
        stored: [floats('none', [0])],
        nodes: [node('Mul', ['images', 'none'], 'pixels')],
      },
      /Mul to_pixels.*does not change/s,
    ],
  ])('%s', async (_, prelude, message) => {
    const error = await refusal(withPrelude(prelude));
    expect(error).toMatchObject({ name: 'ModelContractError', code: 'model_input_range' });
    expect(error.message).toMatch(message);
    expect(error.message).toContain('export the model without it');
  });

  it('two convolutions that are fed in different ranges', async () => {
    const path = changedModel(plainPath, testFolder(), ({ graph }) => {
      const first = graph.node.find(({ opType }) => opType === 'Conv')!;
      const other: NodeProto = { ...first, name: 'other', input: [...first.input], output: ['other'] };
      const output = first.output[0]!;
      first.output = ['one'];
      first.input[0] = 'pixels';
      graph.initializer.push(white);
      graph.node.splice(
        graph.node.indexOf(first) + 1,
        0,
        create(NodeProtoSchema, other),
        node('Add', ['one', 'other'], output),
      );
      graph.node.unshift(divided('white'));
    });
    const error = await refusal(path);
    expect(error.code).toBe('model_input_range');
    expect(error.message).toMatch(/stem_3\/Conv.*0\.\.255.*other.*0\.\.1/s);
  });

  it('no convolution', async () => {
    const path = changedModel(plainPath, testFolder(), ({ graph }) => {
      const first = graph.node.find(({ opType }) => opType === 'Conv')!;
      first.input[0] = 'zeros';
      graph.initializer.push(floats('zeros', new Array(3 * areaPx).fill(0), [1, 3, heightPx, widthPx]));
    });
    const error = await refusal(path);
    expect(error.code).toBe('model_input_range');
    expect(error.message).toContain('no convolution');
  });
});
