import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, type ModelProto, ModelProtoSchema } from 'onnx-buf';
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

export function readModel(path: string): ModelProto & { graph: GraphProto } {
  return fromBinary(ModelProtoSchema, readFileSync(path)) as ModelProto & { graph: GraphProto };
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
