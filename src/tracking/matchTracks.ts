import munkres from 'munkres';
import type { Instances } from '../core/result.js';
import type { Similarity } from './similarity.js';
import type { Track } from './track.js';

/** What a stage of the association left over and brought together. */
export interface Matching {
  /** A track and the index of the instance that it is seen as. */
  readonly pairs: readonly (readonly [Track, number])[];
  readonly unseenTracks: Track[];
  readonly unusedIndices: number[];
}

/**
 * Brings tracks and instances of the same class together so that the sum by which their similarities exceed the least
 * one is the largest there is; pairs that do not exceed it stay apart.
 *
 * @param indices Of the instances that are to be matched.
 */
export function matchTracks(
  tracks: readonly Track[],
  instances: Instances,
  indices: readonly number[],
  similarity: Similarity,
  leastSimilarity: number,
): Matching {
  const rows: { readonly track: Track; readonly likes: readonly (readonly [number, number])[] }[] = [];
  const columns = new Map<number, number>();
  for (const track of tracks) {
    const likes: (readonly [number, number])[] = [];
    const box = track.box;
    for (const index of indices) {
      if (instances.classIds[index] !== track.classId) continue;
      const alike = similarity.of(track, box, index);
      if (alike <= leastSimilarity) continue;
      likes.push([index, alike]);
      if (!columns.has(index)) columns.set(index, columns.size);
    }
    if (likes.length > 0) rows.push({ track, likes });
  }
  const pairs = rows.length === 0 ? [] : bestPairs(rows, columns);
  const seen = new Set(pairs.map(([track]) => track));
  const used = new Set(pairs.map(([, index]) => index));
  return {
    pairs,
    unseenTracks: tracks.filter((track) => !seen.has(track)),
    unusedIndices: indices.filter((index) => !used.has(index)),
  };
  function bestPairs(
    wanted: typeof rows,
    columnOf: ReadonlyMap<number, number>,
  ): (readonly [Track, number])[] {
    // What must stay apart costs as much as the least similarity: more of it can never pay.
    const apart = 1 - leastSimilarity;
    const costs = wanted.map(({ likes }) => {
      const row = new Float64Array(columnOf.size).fill(apart);
      for (const [index, alike] of likes) row[columnOf.get(index)!] = 1 - alike;
      return row;
    });
    const indexOf = [...columnOf.keys()];
    return munkres(costs).flatMap(([row, column]) =>
      costs[row]![column]! < apart ? [[wanted[row]!.track, indexOf[column]!] as const] : [],
    );
  }
}
