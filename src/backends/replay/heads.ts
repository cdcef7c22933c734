import { type ResolvedHeads, resolveHeads, withClassScores } from '../../model/heads.js';
import { namedRoles } from '../../model/roleLists.js';
import type { Recording } from './recording.js';

/** The heads of a recording, with what it says of them. Throws ModelContractError `heads`. */
export function recordedHeads(
  { inputWidthPx, inputHeightPx, outputs, classScores, oneToOne, heads }: Omit<Recording, 'frames'>,
  classNames: readonly string[],
): ResolvedHeads {
  const size = { widthPx: inputWidthPx, heightPx: inputHeightPx };
  const roles = heads === null ? undefined : namedRoles(heads);
  return withClassScores(resolveHeads(outputs, size, { classNames, oneToOne, roles }), classScores);
}
