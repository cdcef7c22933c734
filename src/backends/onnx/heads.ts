import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { settleClassScores } from '../../postprocess/classScores.js';
import type { LoadedManifest } from '../manifestFile.js';
import type { OnnxModel } from './model.js';

/** The heads of a model and the names they have; null for a model that brings none. */
export interface OnnxHeads {
  readonly heads: ResolvedHeads;
  readonly classNames: readonly string[] | null;
}

/**
 * Resolves the outputs of a model that has run on grey, with all that is known of it: its graph, its metadata, the manifest
 * beside it, and the names given, which go before the others.
 *
 * Throws ModelContractError `heads`, `class_names`, `class_scores`.
 */
export function resolveOnnxHeads(
  model: OnnxModel,
  manifest: LoadedManifest,
  given: readonly string[] | null = null,
): OnnxHeads {
  const classNames = given ?? manifest.classNames ?? model.classNames;
  const heads = resolveHeads(
    model.borrowedOutputs.map(({ spec }) => spec),
    { widthPx: model.inputWidthPx, heightPx: model.inputHeightPx },
    { ...manifest, classNames, aliases: model.outputAliases },
  );
  const evidence = { bySigmoid: model.endsInSigmoid(heads), stated: manifest.classScores };
  return { heads: settleClassScores(heads, evidence, model.borrowedOutputs), classNames };
}
