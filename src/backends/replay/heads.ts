import { type ResolvedHeads, resolveHeads, withClassScores } from '../../model/heads.js';
import type { Recording } from './recording.js';

/** The heads of a recording, with what it says of them. Throws ModelContractError `heads`. */
export function recordedHeads(
  { inputWidthPx, inputHeightPx, outputs, classScores, oneToOne }: Recording,
  classNames: readonly string[],
): ResolvedHeads {
  const size = { widthPx: inputWidthPx, heightPx: inputHeightPx };
  return withClassScores(resolveHeads(outputs, size, { classNames, oneToOne }), classScores);
}
