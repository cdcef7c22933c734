import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { matchTracks } from '#dist/tracking/matchTracks.js';
import type { Similarity } from '#dist/tracking/similarity.js';
import { Track } from '#dist/tracking/track.js';
import { instancesOf } from '../core/pixelMasks.js';

/** By SciPy's linear_sum_assignment (tools/oracles/tracking.py). */
const cases = JSON.parse(readFileSync('test/fixtures/tracking/assignments.json', 'utf8')) as readonly {
  readonly alike: readonly (readonly number[])[];
  readonly least: number;
  readonly bestGain: number;
}[];

const full = new Uint8Array(4).fill(1);
const same = (count: number, classId: number) =>
  instancesOf(new Array<Uint8Array>(count).fill(full), 2, new Array<number>(count).fill(classId));

/** Tracks and a similarity that is looked up. */
function made(alike: readonly (readonly number[])[], classId = 0) {
  const tracks = alike.map(() => new Track(same(1, classId), 0, 0));
  const similarity = {
    of: (track: Track, _: unknown, index: number) => alike[tracks.indexOf(track)]![index]!,
  };
  return { tracks, similarity: similarity as unknown as Similarity };
}

it.each(cases.map((one) => [`${one.alike.length} x ${one.alike[0]!.length}`, one] as const))(
  'the best pairs of %s gain what SciPy says, and none is below the least similarity',
  (_, { alike, least, bestGain }) => {
    const { tracks, similarity } = made(alike);
    const indices = alike[0]!.map((__, index) => index);
    const matching = matchTracks(tracks, same(indices.length, 0), indices, similarity, least);
    const pairs = matching.pairs.map(([track, index]) => [tracks.indexOf(track), index] as const);
    const gains = pairs.map(([row, column]) => alike[row]![column]! - least);
    expect(gains.reduce((sum, gain) => sum + gain, 0)).toBeCloseTo(bestGain, 9);
    expect(Math.min(...gains, Infinity)).toBeGreaterThan(0);
    const rows = pairs.map(([row]) => row);
    const columns = pairs.map(([, column]) => column);
    expect(new Set(rows).size).toBe(rows.length);
    expect([...columns, ...matching.unusedIndices].sort((a, b) => a - b)).toEqual(indices);
    expect(matching.unseenTracks.length).toBe(tracks.length - rows.length);
  },
);

it('classes stay apart, however alike', () => {
  const { tracks, similarity } = made([[1, 1]], 3);
  const matching = matchTracks(tracks, same(2, 4), [0, 1], similarity, 0.1);
  expect(matching).toEqual({ pairs: [], unseenTracks: tracks, unusedIndices: [0, 1] });
});
