import { encodeModel, readOnnxFile } from '../../backends/onnx/graph/onnxFile.js';
import { type LoadedManifest, readManifest } from '../../backends/manifestFile.js';
import { ModelContractError } from '../../core/errors.js';
import { cutHeads, rolesOf } from '../onnx/cutHeads.js';

/** A model with raw heads in the form hb_mapper reads, with what is known of it from beside it. */
export interface RawHeadsFile {
  readonly bytes: Uint8Array;
  readonly manifest: LoadedManifest;
  /** How it came about. */
  readonly origin: string;
}

/**
 * A stock export cut to its raw heads, or a model that has them.
 *
 * Throws as `cutHeads`.
 */
export async function rawHeadsOf(path: string): Promise<RawHeadsFile> {
  const manifest = readManifest(path);
  try {
    const { bytes, outputs, worstDifference, nodesAfter, nodesBefore } = await cutHeads(path, {
      order: 'seed',
      anyOpset: false,
    });
    if (worstDifference === null) return { bytes, manifest, origin: 'raw heads, written in opset 11' };
    // Outputs that the manifest of an export names are gone.
    const { classNames, classCount, oneToOne } = manifest;
    const origin = `stock export cut to raw heads, ${nodesAfter} of ${nodesBefore} nodes`;
    const known = { classNames, classCount, oneToOne, classScores: undefined };
    return { bytes, manifest: { ...known, roles: rolesOf(outputs) }, origin };
  } catch (error) {
    if (!(error instanceof ModelContractError) || error.code !== 'already_cut') throw error;
    return { bytes: encodeModel(await readOnnxFile(path)), manifest, origin: 'raw heads as they were' };
  }
}
