import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import type { OnnxGraphModel } from '#dist/backends/onnx/graph/onnxFile.js';
import type { SegError } from '#dist/core/errors.js';
import { cutHeads } from '#dist/toolchain/onnx/cutHeads.js';
import { opsetBlockers } from '#dist/toolchain/onnx/opset.js';
import { changedModel, exportPath, testFolder } from './exports.js';

async function refusal(path: string, anyOpset = false): Promise<SegError> {
  const outcome = await cutHeads(path, { order: 'seed', anyOpset }).catch(
    (error: unknown) => error as SegError,
  );
  if (!(outcome instanceof Error)) throw new Error(`${path} was cut`);
  return outcome;
}

/** With an operator that has no form in the vendor's opset. */
function withSoftmax({ graph }: { readonly graph: GraphProto }): void {
  const conv = graph.node.find(({ opType, name }) => opType === 'Conv' && name.includes('cv4.1.2'))!;
  const attribute = [{ name: 'axis', type: AttributeProto_AttributeType.INT, i: 1n }];
  const soft = { opType: 'Softmax', input: [conv.input[0]!], output: ['soft'], name: 'soft', attribute };
  graph.node.splice(graph.node.indexOf(conv), 0, create(NodeProtoSchema, soft));
  conv.input[0] = 'soft';
}

describe('model heads refuses, for its opset,', () => {
  it('an opset hb_mapper does not read, with the operators that stand in the way and what to export', async () => {
    const path = changedModel(exportPath('v8-80-classes-64x64-opset17'), testFolder(), withSoftmax);
    const error = await refusal(path);
    expect(error).toMatchObject({ name: 'ModelContractError', code: 'opset' });
    expect(error.message).toContain('has opset 17; hb_mapper reads 10 and 11, and it cannot be written so:');
    expect(error.message).toContain('1 x Softmax: axis 1 means one dimension since 13');
    expect(error.message).not.toContain('Split');
    expect(error.message).toContain('dynamo=False');
    const outcome = await cutHeads(path, { order: 'seed', anyOpset: true });
    expect([outcome.opsetAfter, outcome.isVendorForm]).toEqual([17, false]);
  });

  it.each<[string, Record<string, string | bigint | bigint[]>, string]>([
    ['antialias', { mode: 'linear', antialias: 1n }, 'antialias=1 since 18'],
    ['axes', { axes: [2n, 3n] }, 'axes since 18'],
    [
      'half_pixel_symmetric',
      { coordinate_transformation_mode: 'half_pixel_symmetric' },
      'coordinate_transformation_mode=half_pixel_symmetric since 19',
    ],
    [
      'a policy for sizes',
      { axes: [2n, 3n], keep_aspect_ratio_policy: 'not_larger' },
      'axes and keep_aspect_ratio_policy=not_larger since 18',
    ],
  ])('a Resize with %s, which the vendor opset cannot say', async (name, written, why) => {
    const path = changedModel(exportPath('v8-4-classes-96x64-opset19'), testFolder(), ({ graph }) => {
      const resize = graph.node.find(({ opType }) => opType === 'Resize')!;
      resize.attribute = resize.attribute.filter((one) => !(one.name in written));
      for (const [key, value] of Object.entries(written)) {
        const of =
          typeof value === 'string'
            ? { type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) }
            : typeof value === 'bigint'
              ? { type: AttributeProto_AttributeType.INT, i: value }
              : { type: AttributeProto_AttributeType.INTS, ints: value };
        resize.attribute.push(create(AttributeProtoSchema, { name: key, ...of }));
      }
      const pair = { name: 'pair', dims: [2n] };
      if (name === 'axes') {
        const two = { ...pair, dataType: TensorProto_DataType.FLOAT, floatData: [2, 2] };
        graph.initializer.push(create(TensorProtoSchema, two));
        resize.input[2] = 'pair';
      }
      if (name === 'a policy for sizes') {
        const size = { ...pair, dataType: TensorProto_DataType.INT64, int64Data: [8n, 12n] };
        graph.initializer.push(create(TensorProtoSchema, size));
        resize.input.splice(2, 1, '', 'pair');
      }
    });
    const error = await refusal(path);
    expect(error).toMatchObject({ name: 'ModelContractError', code: 'opset' });
    expect(error.message).toContain(`1 x Resize: ${why}\n`);
    expect(error.message).toContain('`model heads --any-opset` cuts it for that');
    const outcome = await cutHeads(path, { order: 'seed', anyOpset: true });
    expect([outcome.opsetAfter, outcome.isVendorForm]).toEqual([19, false]);
  });

  it('raw heads that hb_mapper cannot read, without advice that leads back here', async () => {
    const folder = testFolder();
    const path = join(folder, 'cut.onnx');
    const stock = changedModel(exportPath('v8-80-classes-64x64-opset17'), folder, withSoftmax);
    writeFileSync(path, (await cutHeads(stock, { order: 'seed', anyOpset: true })).bytes);
    for (const anyOpset of [false, true]) {
      const error = await refusal(path, anyOpset);
      expect(error.code).toBe('opset');
      expect(error.message).toContain('1 x Softmax: axis 1 means one dimension since 13');
      expect(error.message).toMatch(
        /export .*opset=11, and cut that with `model heads`.*its heads are raw/is,
      );
      expect(error.message).not.toContain('any-opset');
    }
  });

  it('weights that are quantised already: the float model is what is wanted', async () => {
    const path = changedModel(exportPath('v8-80-classes-64x64-opset17'), testFolder(), ({ graph }) => {
      const conv = graph.node.find(({ opType, name }) => opType === 'Conv' && name.includes('cv4.1.2'))!;
      const scale = { name: 'step', dataType: TensorProto_DataType.FLOAT, floatData: [0.1] };
      graph.initializer.push(create(TensorProtoSchema, scale));
      const fake = [
        { opType: 'QuantizeLinear', input: [conv.input[0]!, 'step'], output: ['bytes'] },
        { opType: 'DequantizeLinear', input: ['bytes', 'step'], output: ['floats'] },
      ];
      graph.node.splice(graph.node.indexOf(conv), 0, ...fake.map((one) => create(NodeProtoSchema, one)));
      conv.input[0] = 'floats';
    });
    expect((await refusal(path)).message).toContain('hb_mapper quantises itself: export the float model');
  });

  it('heads that integers hide: the float model is what is wanted', async () => {
    const path = changedModel(exportPath('v8-80-classes-64x64-opset17'), testFolder(), ({ graph }) => {
      const scale = { name: 'step', dataType: TensorProto_DataType.FLOAT, floatData: [1e-9] };
      graph.initializer.push(create(TensorProtoSchema, scale));
      const output = graph.output[0]!.name;
      graph.node.find((node) => node.output.includes(output))!.output = ['floats'];
      const fake = [
        { opType: 'QuantizeLinear', input: ['floats', 'step'], output: ['bytes'] },
        { opType: 'DequantizeLinear', input: ['bytes', 'step'], output: [output] },
      ];
      graph.node.push(...fake.map((one) => create(NodeProtoSchema, one)));
    });
    const error = await refusal(path);
    expect(error.message).toMatch(/computes in integers already, in 1 place .*take the float export/);
    expect(error.code).toBe('quantised');
  });

  it('a Resize without a region, which the vendor opset wants, though its opset is close enough', () => {
    const blockers = (input: string[]) =>
      opsetBlockers({
        opsetImport: [{ domain: '', version: 13n }],
        graph: { node: [create(NodeProtoSchema, { opType: 'Resize', input })] },
      } as unknown as OnnxGraphModel);
    expect(blockers(['x', '', 'scales'])).toMatchObject([{ opType: 'Resize', count: 1 }]);
    expect(blockers(['x', 'region', 'scales'])).toEqual([]);
  });
});
