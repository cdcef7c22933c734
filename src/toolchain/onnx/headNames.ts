import { ModelContractError } from '../../core/errors.js';
import type { HeadRole } from '../../model/headLayout.js';
import { boxValues, decodedRowOf } from '../../model/rowLayout.js';
import type { StockHeads } from '../../model/stockHeads.js';
import type { HeadTensor } from './headTensors.js';
import type { FloatTensor, LoadedPart } from '../../backends/onnx/graph/runtime.js';

/** A head tensor whose meaning is known. */
export interface NamedHead extends HeadTensor {
  readonly role: HeadRole;
}

/**
 * Repeatable noise in -2..2, never 0. In steps of 1/32, so that the best class of a cell is the same before and
 * after a sigmoid in 32-bit floats.
 */
export function noise({ dims }: HeadTensor, seed: number): FloatTensor {
  let state = seed;
  const data = Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >> 24) | 1) / 64;
  });
  return { dims, data };
}

/** Which features and cells of the rows differ. */
interface Reach {
  readonly firstFeature: number;
  readonly featureCount: number;
  readonly firstCell: number;
  readonly cellCount: number;
}

function differences(rows: StockHeads, a: Float32Array, b: Float32Array): Reach {
  const { cellElems, featureElems } = rows.rows;
  const featureTotal = decodedRowOf(rows.classCount, rows.coefCount).valueCount;
  let [minFeature, maxFeature, minCell, maxCell] = [featureTotal, -1, rows.cellCount, -1];
  for (let feature = 0; feature < featureTotal; feature++) {
    for (let cell = 0; cell < rows.cellCount; cell++) {
      const at = feature * featureElems + cell * cellElems;
      if (a[at] === b[at]) continue;
      minFeature = Math.min(minFeature, feature);
      maxFeature = Math.max(maxFeature, feature);
      minCell = Math.min(minCell, cell);
      maxCell = Math.max(maxCell, cell);
    }
  }
  return {
    firstFeature: minFeature,
    featureCount: Math.max(0, maxFeature - minFeature + 1),
    firstCell: minCell,
    cellCount: Math.max(0, maxCell - minCell + 1),
  };
}

function roleOf(
  reach: Reach,
  { dims: [, channels, height, width] }: HeadTensor,
  rows: StockHeads,
): HeadRole | null {
  const { classCount, coefCount } = rows;
  if (reach.cellCount !== height * width) return null;
  const reaches = (first: number, count: number) =>
    reach.firstFeature === first && reach.featureCount === count;
  const { firstClass, firstCoef } = decodedRowOf(classCount, coefCount);
  if (reaches(0, boxValues) && channels % boxValues === 0) return 'box';
  if (reaches(firstClass, classCount) && channels === classCount) return 'cls';
  if (reaches(firstCoef, coefCount) && channels === coefCount) return 'coef';
  return null;
}

/**
 * Finds the meaning of each head by running the export's own decoding: what changes in the rows when one head
 * alone is changed. Works where shapes cannot tell (64 or 32 classes) and whatever the nodes are called.
 *
 * Throws ModelContractError `head_roles` with what each head reaches if this is no box, class and coefficient
 * head per level.
 */
export async function nameHeads(
  tail: LoadedPart,
  heads: readonly HeadTensor[],
  rows: StockHeads,
): Promise<NamedHead[]> {
  const zeros = new Map(
    heads.map((head) => [head.name, { dims: head.dims, data: new Float32Array(noise(head, 1).data.length) }]),
  );
  const base = await tail.run(zeros);
  const lines: string[] = [];
  const named: NamedHead[] = [];
  for (const [position, head] of heads.entries()) {
    const changed = await tail.run(new Map([...zeros, [head.name, noise(head, position + 1)]]));
    const reach = differences(rows, base.data, changed.data);
    const role = roleOf(reach, head, rows);
    if (role !== null) named.push({ ...head, role });
    const features = `rows ${reach.firstFeature} to ${reach.firstFeature + reach.featureCount - 1}`;
    const what = reach.featureCount === 0 ? 'nothing' : `${features} of ${reach.cellCount} cells`;
    lines.push(`  ${head.convName} [${head.dims.join(', ')}] changes ${what}: ${role ?? 'no head'}`);
  }
  const kinds = new Set(named.map(({ role, downsample }) => `${role}${downsample}`));
  if (kinds.size === heads.length) return named;
  const { firstClass, firstCoef, valueCount } = decodedRowOf(rows.classCount, rows.coefCount);
  throw new ModelContractError(
    'head_roles',
    [
      'the convolutions behind the rows are not one box, class and coefficient head per level',
      `  expected rows 0 to ${firstClass - 1} (box, 4 channels or 4 * R), ${firstClass} to ${firstCoef - 1} (classes), ${firstCoef} to ${valueCount - 1} (coefficients)`,
      ...lines,
    ],
    { found: lines },
  );
}
