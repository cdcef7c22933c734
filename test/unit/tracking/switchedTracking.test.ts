import { expect, it } from 'vitest';
import { TrackIds } from '#dist/core/tracks.js';
import { SwitchedTracking } from '#dist/tracking/switchedTracking.js';
import { UntoldTracks } from '#dist/tracking/untoldTracks.js';
import { resultAt, usualOptions } from './scenes.js';

const thing = { x: 20, y: 50 };

/** The ids of a frame with one thing, and those that it tells to have ended; null where it has no tracks. */
function follower() {
  const tracking = new SwitchedTracking(new TrackIds(), (classId) => `class ${classId}`, new UntoldTracks());
  const see = (atS: number) => {
    const { tracks } = tracking.follow(resultAt(atS, [thing]), 0.25, false);
    return tracks === null ? null : { ids: [...tracks.ids], ended: tracks.ended.map(({ id }) => id) };
  };
  return { tracking, see };
}

it('tells the tracks that end because it is switched off, once, with the next result', () => {
  const { tracking, see } = follower();
  expect(see(0)).toBeNull();
  tracking.use(usualOptions);
  expect(see(1)).toEqual({ ids: [1], ended: [] });
  tracking.use(null);
  tracking.use(null);
  expect(see(1.1)).toEqual({ ids: [0], ended: [1] });
  expect(see(1.2)).toBeNull();
  tracking.use(usualOptions);
  expect(see(1.3)).toEqual({ ids: [2], ended: [] });
});

it('tells again what a result told that nobody got, whether objects are followed or not', () => {
  const { tracking, see } = follower();
  tracking.use(usualOptions);
  see(0);
  const lost = tracking.follow(resultAt(5, []), 0.25, false);
  expect(lost.tracks!.ended).toEqual([{ id: 1, className: 'class 0' }]);
  tracking.tellAgain(lost.tracks);
  tracking.reset();
  expect(see(6)).toEqual({ ids: [2], ended: [1] });
  tracking.use(null);
  const off = tracking.follow(resultAt(7, []), 0.25, false);
  expect(off.tracks!.ended.map(({ id }) => id)).toEqual([2]);
  tracking.tellAgain(off.tracks);
  expect(see(8)).toEqual({ ids: [0], ended: [2] });
  tracking.tellAgain(null);
  expect(see(9)).toBeNull();
});

it('leaves out nothing by the rounding of scores, followed or not', () => {
  const { tracking } = follower();
  // Above 0.7 before it was rounded to four bytes, and a little below it since.
  const found = resultAt(0, [{ ...thing, score: 0.700_000_001 }]);
  expect(found.instances.scores[0]).toBeLessThan(0.7);
  expect(tracking.follow(found, 0.7, false).instances.count).toBe(1);
  tracking.use({ ...usualOptions, scoreThreshold: 0.7, newScore: 0.9 });
  expect(tracking.follow(found, 0.7, false).instances.count).toBe(1);
});
