import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { onTestFinished } from 'vitest';

export const repoPath = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** An ONNX file tools/oracles/stock_exports.py made. */
export const exportPath = (name: string) => repoPath(`test/fixtures/exports/${name}.onnx`);

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'toolchain-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function decodeModel(bytes: Uint8Array): ModelProto & { graph: GraphProto } {
  return fromBinary(ModelProtoSchema, bytes) as ModelProto & { graph: GraphProto };
}

export function readModel(path: string): ModelProto & { graph: GraphProto } {
  return decodeModel(readFileSync(path));
}

/** A changed copy of an ONNX file in `folder`. */
export function changedModel(
  path: string,
  folder: string,
  change: (model: ModelProto & { graph: GraphProto }) => void,
): string {
  const model = readModel(path);
  change(model);
  const copy = join(folder, 'changed.onnx');
  writeFileSync(copy, toBinary(ModelProtoSchema, model));
  return copy;
}

/** A copy of a model that takes 0..255 and divides by 255 itself. */
export function withDivision(path: string, folder: string): string {
  return changedModel(path, folder, ({ graph }) => {
    const name = graph.input[0]!.name;
    for (const node of graph.node) node.input = node.input.map((one) => (one === name ? 'scaled' : one));
    const white = { name: 'white', dataType: TensorProto_DataType.FLOAT, floatData: [255] };
    graph.initializer.push(create(TensorProtoSchema, white));
    const division = { opType: 'Div', name: 'scaled', input: [name, 'white'], output: ['scaled'] };
    graph.node.unshift(create(NodeProtoSchema, division));
  });
}

/** An operator, and the number it takes beside its input. */
export type Step = readonly [opType: string, operand?: number];

/** A copy of a model with these operators behind the outputs named; the nodes are called OUTPUT_0, OUTPUT_1, ... */
export function withSteps(
  path: string,
  folder: string,
  outputs: readonly string[],
  steps: readonly Step[],
): string {
  return changedModel(path, folder, ({ graph }) => {
    for (const name of outputs) {
      const maker = graph.node.find(({ output }) => output.includes(name))!;
      maker.output = maker.output.map((one) => (one === name ? `${name}_made` : one));
      let last = `${name}_made`;
      for (const [at, [opType, operand]] of steps.entries()) {
        const node = `${name}_${at}`;
        const input = [last];
        if (operand !== undefined) {
          input.push(`${node}_operand`);
          const constant = {
            name: `${node}_operand`,
            dataType: TensorProto_DataType.FLOAT,
            floatData: [operand],
          };
          graph.initializer.push(create(TensorProtoSchema, constant));
        }
        last = at === steps.length - 1 ? name : `${node}_made`;
        graph.node.push(create(NodeProtoSchema, { opType, name: node, input, output: [last] }));
      }
    }
  });
}

/** A copy of a model with a Sigmoid behind the outputs named. */
export function withSigmoid(path: string, folder: string, outputs: readonly string[]): string {
  return withSteps(path, folder, outputs, [['Sigmoid']]);
}
