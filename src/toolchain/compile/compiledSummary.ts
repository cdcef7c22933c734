import { ModelContractError } from '../../core/errors.js';
import { resolveHeads, withClassScores } from '../../model/heads.js';
import type { GraphInfo } from '../info/graphInfo.js';
import { infoOfGraph } from '../info/listedModel.js';
import { specOfInfo } from '../info/modelInfoText.js';
import { type ModelSummary, readingOf, summariseInfo } from '../info/modelSummary.js';
import type { NamedOutput } from '../../model/namedHeads.js';
import type { RawModel } from '../onnx/rawModel.js';

/** What the tools and the float model say of a compiled model. */
export interface CompiledParts {
  readonly name: string;
  readonly graph: GraphInfo;
  /** Of the heads that are integers, by output name. */
  readonly scales: ReadonlyMap<string, readonly number[]>;
  readonly heads: readonly NamedOutput[];
  readonly raw: RawModel;
}

/**
 * What the node makes of the compiled model, by the vendor's listing of it; strides, which the board's library gives, are
 * not in it.
 *
 * Throws ModelContractError `model_unfit` if the node could not run it.
 */
export function summariseCompiled(parts: CompiledParts): ModelSummary {
  const { name, graph, scales, heads, raw } = parts;
  const info = infoOfGraph(name, graph, scales);
  const roles = new Map(heads.flatMap(({ role, output }) => (role === 'proto' ? [] : [[output, role]])));
  const reading = readingOf(() => {
    const specs = info.outputs.map(specOfInfo);
    const { classCount, oneToOneBy } = raw.heads;
    const resolved = resolveHeads(specs, raw, { classCount, oneToOne: oneToOneBy !== null, roles });
    return { heads: withClassScores(resolved, raw.heads.classScores), classNames: raw.classNames };
  });
  const summary = summariseInfo(info, reading);
  if (summary.obstacle === null) return summary;
  const what = `the compiled model ${name} is none that the node can run: ${summary.obstacle}`;
  throw new ModelContractError('model_unfit', what, { name });
}
