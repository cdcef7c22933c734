import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { type BpuModel, openViews } from '../../native/bpu.js';
import { settleClassScores } from '../../postprocess/classScores.js';
import type { LoadedManifest } from '../manifestFile.js';
import { tensorsOfSlots } from './slotTensors.js';
import { toTensorSpec } from './tensorSpec.js';

/**
 * A compiled model's outputs, what they mean, and the names of its classes; the names are null where nothing gives any.
 */
export interface BpuHeads {
  readonly outputs: readonly TensorSpec[];
  readonly heads: ResolvedHeads;
  readonly classNames: readonly string[] | null;
}

/** The slot that holds the outputs of the first inference, which runs on grey, until a frame is prepared. */
const greySlot = 0;

/**
 * Resolves the outputs of a model that was just opened, in the thread that opened it.
 *
 * Throws ModelContractError `model_output_type`, `heads`, `class_scores`.
 */
export function resolveBpuHeads(
  native: BpuModel,
  manifest: LoadedManifest,
  given: readonly string[] | null,
): BpuHeads {
  const outputs = native.outputs.map(toTensorSpec);
  const classNames = given ?? manifest.classNames;
  const { widthPx, heightPx } = native.input;
  const resolved = resolveHeads(outputs, { widthPx, heightPx }, { ...manifest, classNames });
  const onGrey = tensorsOfSlots([openViews(native.id)[greySlot]!], outputs)[0]!;
  const heads = settleClassScores(resolved, { bySigmoid: false, stated: manifest.classScores }, onGrey);
  return { outputs, heads, classNames };
}
