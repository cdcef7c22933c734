import { expect, it } from 'vitest';
import { type FollowedFrame, identityFigures } from '#dist/evaluate/identity.js';
import { thingsAsInstances } from '../tracking/scenes.js';

const places = [0, 100, 200].map((x) => ({ x, y: 10 }));

/** A frame of objects 1 to 3 in their places, seen as these tracks; null is not found, 0 found without a track. */
function frame(...seen: (number | null)[]): FollowedFrame {
  const there = seen.flatMap((track, i) => (track === null ? [] : [[track, places[i]!] as const]));
  const picture = { widthPx: 400, heightPx: 100, objects: thingsAsInstances(places), visibility: [] };
  return {
    picture,
    found: thingsAsInstances(there.map(([, place]) => place)),
    objectIds: [1, 2, 3],
    trackIds: there.map(([track]) => track || null),
  };
}

it('IDF1 and switches are those that TrackEval gives for the same tracks', () => {
  // TrackEval 1.3.0 (Identity, CLEAR) of these frames with IoU 1: IDTP 8, IDFN 7, IDFP 5, IDF1 0.5714286, IDSW 4.
  const frames = [frame(1, 2, 3), frame(1, 2, 0), frame(2, 1, 3), frame(2, 1, null), frame(1, 4, 3)];
  const figures = identityFigures(frames);
  expect(figures).toMatchObject({ objects: 15, tracked: 13, switches: 4 });
  expect(figures.idf1).toBeCloseTo(0.5714286, 6);
});

it('of nothing is no figure', () => {
  expect(identityFigures([])).toEqual({ objects: 0, tracked: 0, idf1: null, switches: 0 });
});
