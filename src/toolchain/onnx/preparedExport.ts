import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { encodeModel, type OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { writePart } from '../../files/atomicFolder.js';
import { exportedInput, withFixedSize } from './fixedSize.js';
import { hasHalfFloats, inWholeFloats, withoutIdleCasts } from './wholeFloats.js';

/** An export in 32-bit floats and of a fixed input size. */
export interface PreparedExport {
  readonly model: OnnxGraphModel;
  /** What was done to make it so; empty if it was so. */
  readonly changes: readonly string[];
}

/**
 * The export in 32-bit floats where it computes in half floats, and for one picture of the size it was exported at where
 * its input is open. One that does not tell the size stays open.
 */
export async function prepareExport(model: OnnxGraphModel): Promise<PreparedExport> {
  const changes: string[] = [];
  const isHalf = hasHalfFloats(model);
  let prepared = isHalf ? inWholeFloats(model) : model;
  const input = exportedInput(prepared);
  if (input !== null) {
    prepared = await withFixedSize(prepared, input);
    const [, , heightPx, widthPx] = input;
    changes.push(`its open input was fixed at ${widthPx}x${heightPx}, at which it was exported`);
  }
  if (isHalf) {
    prepared = await withoutIdleCasts(prepared);
    changes.push('its half floats were made 32-bit floats, with the same weights');
  }
  return { model: prepared, changes };
}

/** Runs `use` with the path of a file of this model; what it throws names the original. */
export async function withFileOf<Result>(
  { model, changes }: PreparedExport,
  originalPath: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  if (changes.length === 0) return use(originalPath);
  const folder = await mkdtemp(join(tmpdir(), 'rdk-yolo-seg-export-'));
  const path = join(folder, basename(originalPath));
  try {
    await writePart(path, encodeModel(model));
    return await use(path).catch((error: unknown) => {
      if (error instanceof Error) error.message = error.message.replaceAll(path, originalPath);
      throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
