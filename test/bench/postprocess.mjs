// Post-processing on tensors of real pictures: beside plain C++ and numpy, its stages alone, and its memory.
// Called by `npm run bench -- postprocess`.
import { comparisonRows } from './postprocess/comparison.mjs';
import { heapRows } from './postprocess/heap.mjs';
import { removalRows } from './postprocess/removals.mjs';
import { stageRows } from './postprocess/stages.mjs';

/** Rows of four kinds, each with columns of its own; the comparison is in CPU time, the stages in wall time. */
export async function run() {
  // The comparison goes first: integer heads make our code general, and no node runs both kinds.
  return [...(await comparisonRows()), ...(await stageRows()), ...removalRows(), ...heapRows()];
}
