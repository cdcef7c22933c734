import type { LetterboxGeometry } from '#dist/core/geometry.js';
import type { PostprocessOptions } from '#dist/core/result.js';
import { type HeadHints, resolveHeads } from '#dist/model/heads.js';
import { Postprocessor, type PostprocessResult } from '#dist/postprocess/postprocess.js';
import { type BuiltModel, defaultOptions, plainGeometry } from './build.js';

export function makePostprocessor(
  model: BuiltModel,
  maxCandidates = 2048,
  hints: HeadHints = {},
): Postprocessor {
  const specs = model.tensors.map((view) => view.spec);
  return new Postprocessor(resolveHeads(specs, model.input, hints), { maxCandidates });
}

/** One run of a new post-processor. */
export function run(
  model: BuiltModel,
  options: Partial<PostprocessOptions> = {},
  geometry: LetterboxGeometry = plainGeometry(model),
  maxCandidates?: number,
  hints: HeadHints = {},
): PostprocessResult {
  return makePostprocessor(model, maxCandidates, hints).run(model.tensors, geometry, {
    ...defaultOptions,
    ...options,
  });
}

/** x1, y1, x2, y2 per instance, best score first. */
export function boxes({ instances }: PostprocessResult): number[][] {
  return Array.from({ length: instances.count }, (_, index) => [
    ...instances.boxesImage.subarray(index * 4, index * 4 + 4),
  ]);
}

export function classIds({ instances }: PostprocessResult): number[] {
  return [...instances.classIds];
}
