import { describe, expect, it } from 'vitest';
import { TrackIds, type TrackingOptions } from '#dist/core/tracks.js';
import { FrameTracking } from '#dist/tracking/frameTracking.js';
import { makeRandom } from '../../support/random.js';
import { resultAt, type Thing, usualOptions } from './scenes.js';

/** Follows scenes; each frame gives its ids, and what has ended. */
function follower(options: Partial<TrackingOptions> = {}, ids = new TrackIds()) {
  const tracking = new FrameTracking(ids, String, { ...usualOptions, ...options });
  return {
    tracking,
    see(atS: number, ...things: Thing[]) {
      const result = tracking.follow(resultAt(atS, things), false);
      return { result, ids: [...result.tracks!.ids], ended: result.tracks!.ended.map(({ id }) => id) };
    },
  };
}

/** Two things that meet half way, by the time. */
const left = (atS: number, more: Partial<Thing> = {}): Thing => ({ x: 20 + 100 * atS, y: 50, ...more });
const right = (atS: number, more: Partial<Thing> = {}): Thing => ({ x: 320 - 100 * atS, y: 62, ...more });

describe('the ids of tracks', () => {
  it('stay with things that move, in whatever order they are found', () => {
    const { see } = follower();
    expect(see(0, left(0), right(0)).ids).toEqual([1, 2]);
    for (let frame = 1; frame < 20; frame++) {
      const atS = frame / 30;
      const isTurned = frame % 2 === 1;
      const found = isTurned ? see(atS, right(atS), left(atS)) : see(atS, left(atS), right(atS));
      expect(found.ids).toEqual(isTurned ? [2, 1] : [1, 2]);
    }
  });

  it.each([1, 2, 5, 7])(
    'stay where only every frame number n of %i is seen, since stamps tell the time',
    (step) => {
      const { see } = follower();
      for (let frame = 0; frame < 90; frame += step) {
        const atS = frame / 30;
        expect(see(atS, left(atS), right(atS)).ids, `frame ${frame}`).toEqual([1, 2]);
      }
    },
  );

  it('come back with a thing that was hidden for less than max_lost_s, where it has moved to', () => {
    const { see } = follower();
    for (let frame = 0; frame < 30; frame++) see(frame / 30, left(frame / 30), right(frame / 30));
    for (let frame = 30; frame < 54; frame++) expect(see(frame / 30, left(frame / 30)).ids).toEqual([1]);
    expect(see(1.8, left(1.8), right(1.8)).ids).toEqual([1, 2]);
  });

  it('end after max_lost_s, told once, and are not used again', () => {
    const { see } = follower();
    see(0, left(0), right(0));
    for (let frame = 1; frame <= 30; frame++) expect(see(frame / 30, left(frame / 30)).ended).toEqual([]);
    expect(see(31 / 30, left(31 / 30)).ended).toEqual([2]);
    expect(see(32 / 30, left(32 / 30), right(0)).ids).toEqual([1, 0]);
    expect(see(33 / 30, left(33 / 30), right(0))).toMatchObject({ ids: [1, 3], ended: [] });
  });

  it('are given when a thing is seen again, but for those of the first frame', () => {
    const { see } = follower();
    expect(see(0, left(0)).ids).toEqual([1]);
    expect(see(0.03, left(0.03), right(0.03)).ids).toEqual([1, 0]);
    expect(see(0.06, left(0.06), right(0.06)).ids).toEqual([1, 2]);
    // Seen once: it never had an id, and none is lost.
    see(0.09, left(0.09), right(0.09), { x: 20, y: 200 });
    see(0.12, left(0.12), right(0.12));
    see(0.15, left(0.15), right(0.15), { x: 20, y: 300 });
    expect(see(0.18, left(0.18), right(0.18), { x: 20, y: 300 }).ids).toEqual([1, 2, 3]);
  });

  it('never pass from one class to another', () => {
    const { see } = follower();
    see(0, left(0, { classId: 1 }));
    expect(see(0.03, left(0.03, { classId: 2 })).ids).toEqual([0]);
    expect(see(0.06, left(0.06, { classId: 2 })).ids).toEqual([2]);
  });

  it('end where a stamp goes back or time leaps, and where the scene is said to be another', () => {
    const { see, tracking } = follower();
    see(100, left(0), right(0));
    expect(see(50, left(0), right(0))).toMatchObject({ ids: [3, 4], ended: [1, 2] });
    expect(see(52, left(0))).toMatchObject({ ids: [0], ended: [3, 4] });
    expect(see(52.1, left(0)).ids).toEqual([5]);
    tracking.reset();
    expect(see(52.2, left(0))).toMatchObject({ ids: [6], ended: [5] });
  });

  it('run out rather than begin anew', () => {
    const { see } = follower({}, new TrackIds(0x7fff_fffd));
    expect(see(0, left(0), right(0), { x: 9, y: 200 }).ids).toEqual([0x7fff_fffe, 0x7fff_ffff, 0]);
    expect(see(0.03, left(0.03), right(0.03), { x: 9, y: 200 }).ids).toEqual([0x7fff_fffe, 0x7fff_ffff, 0]);
  });

  it('belong to one source where several cameras share it', () => {
    const ids = new TrackIds();
    const [one, other] = [follower({}, ids), follower({}, ids)];
    expect([one.see(0, left(0)).ids, other.see(0, left(0)).ids, one.see(0.1, left(0.1)).ids]).toEqual([
      [1],
      [2],
      [1],
    ]);
  });
});

describe('instances with low scores', () => {
  it('are published below the threshold only where a track is seen as them', () => {
    const { see } = follower();
    see(0, left(0));
    const { result, ids } = see(0.03, left(0.03, { score: 0.15 }), right(0.03, { score: 0.2 }));
    expect(ids).toEqual([1]);
    expect(result.instances.count).toBe(1);
    expect(result.instances.scores[0]).toBeCloseTo(0.15, 6);
    // In memory of their own, with their own pixels.
    expect(result.instances.spanStarts[1]! * 3).toBe(result.instances.spans.length);
  });

  it('above the threshold are published without a track, too', () => {
    const { see } = follower();
    see(0, left(0));
    expect(see(0.03, left(0.03), right(0.03, { score: 0.3 })).ids).toEqual([1, 0]);
  });

  it('below low_score carry on none', () => {
    const { see } = follower();
    see(0, left(0));
    expect(see(0.03, left(0.03, { score: 0.09 })).ids).toEqual([]);
  });

  it('bring no lost track back', () => {
    const { see } = follower();
    see(0, left(0));
    see(0.03);
    expect(see(0.06, left(0.06, { score: 0.3 })).ids).toEqual([0]);
    expect(see(0.09, left(0.09)).ids).toEqual([1]);
  });
});

describe('odd frames', () => {
  it('of nothing, of 300 things, and of nothing again', () => {
    const { see } = follower();
    const crowd = Array.from({ length: 300 }, (_, i) => ({ x: (i % 20) * 50, y: Math.floor(i / 20) * 40 }));
    expect(see(0).ids).toEqual([]);
    see(0.03, ...crowd);
    expect(see(0.06, ...crowd).ids).toEqual(crowd.map((_, i) => i + 1));
    expect(see(0.09).ended).toEqual([]);
    expect(see(2).ended).toHaveLength(300);
  });

  it('of masks and boxes without a pixel are followed, and give numbers', () => {
    const { see, tracking } = follower();
    for (let frame = 0; frame < 5; frame++) {
      expect(see(frame / 30, { x: 5, y: 5, hollow: true }, { x: 90, y: 50, w: 0, h: 0 }).ids[0]).toBe(1);
    }
    const { tracks } = tracking.follow(resultAt(0.2, [{ x: 5, y: 5, hollow: true }]), true);
    expect([...tracks!.trails!.points].every(Number.isFinite)).toBe(true);
  });

  it('with stamps that stand still keep at most 300 lost tracks', () => {
    const { see } = follower();
    let ended = 0;
    for (let frame = 0; frame < 400; frame++) {
      const thing = { x: (frame % 40) * 60, y: Math.floor(frame / 40) * 60 };
      see(7, thing);
      ended += see(7, thing).ended.length;
    }
    expect(ended).toBeGreaterThan(50);
  });

  it('at random never give one id to two things, nor any that has ended', () => {
    const random = makeRandom(17);
    const { see, tracking } = follower();
    const over = new Set<number>();
    let last = 0;
    let atS = 0;
    for (let frame = 0; frame < 600; frame++) {
      atS += random() < 0.02 ? -5 * random() : random() < 0.05 ? 2 : random() / 20;
      if (random() < 0.01) tracking.reset();
      const things = Array.from({ length: Math.floor(random() * 12) }, () => ({
        x: random() * 900,
        y: random() * 600,
        w: random() * 90,
        h: random() * 90,
        score: random(),
        classId: Math.floor(random() * 2),
      }));
      const { ids, ended } = see(atS, ...things);
      for (const id of ended) over.add(id);
      const given = ids.filter((id) => id > 0);
      expect(new Set(given).size).toBe(given.length);
      expect(given.filter((id) => over.has(id))).toEqual([]);
      // Ids are consecutive: none was given and not published.
      expect(Math.max(last, ...given)).toBeLessThanOrEqual(last + given.length);
      last = Math.max(last, ...given);
    }
    expect(last).toBeGreaterThan(30);
    expect(over.size).toBeGreaterThan(20);
  });
});

it('trails hold the centres of the last two seconds, of frames that were drawn', () => {
  const { tracking } = follower();
  const thing = (atS: number) => [left(atS)];
  for (let frame = 0; frame <= 60; frame++)
    tracking.follow(resultAt(frame / 20, thing(frame / 20)), frame % 3 === 0);
  const { trails } = tracking.follow(resultAt(3.15, [...thing(3.15), right(0)]), true).tracks!;
  const { points, starts } = trails!;
  expect([...starts]).toEqual([0, starts[1], starts[1]]);
  const drawn = [1.2, 1.35, 1.5, 1.65, 1.8, 1.95, 2.1, 2.25, 2.4, 2.55, 2.7, 2.85, 3, 3.15];
  const expected = drawn.flatMap((atS) => [40 + 100 * atS, 65]);
  expect(points).toHaveLength(expected.length);
  expected.forEach((px, i) => {
    expect(points[i]).toBeCloseTo(px, 3);
  });
});
