import { describe, expect, it } from 'vitest';
import { BackendError } from '#dist/core/errors.js';
import { FrameScheduler, type Place } from '#dist/pipeline/frameScheduler.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { makeRandom } from '../../support/random.js';
import { FakeFrame, FakeSession, settle } from './fakes.js';

/** Whose turn it was, and places that the test gives back. */
function turns(framesInFlight = 1, inputsInFlight = framesInFlight) {
  const scheduler = new FrameScheduler({ framesInFlight, inputsInFlight });
  const started: string[] = [];
  const places: Place[] = [];
  const applicantOf = (name: string) => ({
    start: (place: Place) => {
      started.push(name);
      places.push(place);
    },
  });
  const [a, b, c] = ['a', 'b', 'c'].map(applicantOf);
  return { scheduler, started, places, a: a!, b: b!, c: c! };
}

describe('FrameScheduler', () => {
  it('grants places in the order of asking, and each stands in line once', () => {
    const { scheduler, started, places, a, b, c } = turns();
    for (const one of [a, a, b, a, c, b, a]) scheduler.apply(one);
    expect(started).toEqual(['a']);
    for (let turn = 0; turn < 5; turn++) places[turn]?.leave();
    // The second a came before b, for the first had left the line.
    expect(started).toEqual(['a', 'a', 'b', 'c']);
  });

  it('counts inputs and frames apart, and each end once', () => {
    const { scheduler, started, places, a, b, c } = turns(2, 1);
    for (const one of [a, b, c]) scheduler.apply(one);
    expect(started).toEqual(['a']);
    places[0]!.endInput();
    places[0]!.endInput();
    expect(started).toEqual(['a', 'b']);
    // Room for an input, but not for a frame.
    places[1]!.endInput();
    expect(started).toEqual(['a', 'b']);
    places[0]!.leave();
    places[0]!.leave();
    expect(started).toEqual(['a', 'b', 'c']);
    // c has not ended its input, though both frames before it are out.
    places[1]!.leave();
    scheduler.apply(a);
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('starts nothing of those that withdrew, and those behind them move up', () => {
    const { scheduler, started, places, a, b, c } = turns();
    for (const one of [a, b, c]) scheduler.apply(one);
    scheduler.withdraw(b);
    scheduler.withdraw(b);
    places[0]!.leave();
    places[1]!.leave();
    expect(started).toEqual(['a', 'c']);
  });
});

/** Cameras on one session; frame 1000 * camera + n is the nth of a camera. */
function cameras(count: number, framesInFlight = 3, inputsInFlight = 2) {
  const session = new FakeSession(framesInFlight, inputsInFlight);
  const scheduler = new FrameScheduler(session);
  const errors: unknown[] = [];
  const results: number[] = [];
  const pipelines = Array.from({ length: count }, () => {
    const pipeline = new Pipeline({
      session,
      scheduler,
      onResult: ({ header }) => results.push(header.sequence),
      onError: (error) => errors.push(error),
      previewRequest: () => null,
      postprocessOptions: () => defaultOptions,
    });
    pipeline.activate();
    return pipeline;
  });
  const offered = pipelines.map(() => 0);
  const offer = (camera: number) =>
    pipelines[camera]!.offer(new FakeFrame(1000 * camera + offered[camera]!++));
  /** Ends the oldest step of the session. */
  const step = async () => {
    const gate = [...session.running.values()][0] ?? [...session.preparing.values()][0];
    gate?.resolve();
    await settle();
  };
  const outOf = (camera: number) => pipelines[camera]!.stats.snapshot().framesOut;
  return { session, pipelines, offer, step, results, errors, outOf };
}

describe('several pipelines on one session', () => {
  it('never have more in the session than it takes, though each alone would fill it', async () => {
    // The fake session throws where they have.
    const { pipelines, offer, step, errors } = cameras(4);
    for (let round = 0; round < 60; round++) {
      for (let camera = 0; camera < 4; camera++) offer(camera);
      await step();
    }
    expect(errors).toEqual([]);
    expect(pipelines.every(({ state }) => state === 'active')).toBe(true);
  });

  it.each([2, 3, 4, 8])(
    '%i that all offer more than there is room for get the same number out',
    async (count) => {
      const { offer, step, outOf } = cameras(count);
      for (let round = 0; round < 40 * count; round++) {
        for (let camera = 0; camera < count; camera++) offer(camera);
        await step();
      }
      const outs = Array.from({ length: count }, (_, camera) => outOf(camera));
      expect(Math.max(...outs) - Math.min(...outs)).toBeLessThanOrEqual(1);
      expect(Math.min(...outs)).toBeGreaterThan(10);
    },
  );

  it.each([1, 2, 3, 4, 5])(
    'before the turn of a camera at most one frame of each other is started, whatever they offer (seed %i)',
    async (seed) => {
      const random = makeRandom(seed);
      const count = 4;
      const { session, pipelines, offer, step, errors } = cameras(count);
      /** By camera: starts of each other since its place in line was taken; null while it does not wait. */
      const since: (number[] | null)[] = Array.from({ length: count }, () => null);
      const inFlight = () => pipelines.map((pipeline) => pipeline.inFlight);
      const started: number[] = [];
      const prepare = session.prepare.bind(session);
      session.prepare = (frame, preview) => {
        started.push(Math.floor(frame.header.sequence / 1000));
        return prepare(frame, preview);
      };
      const follow = () => {
        for (const camera of started.splice(0)) {
          since[camera] = null;
          since.forEach((others, waiting) => {
            if (others === null) return;
            others[camera]!++;
            expect(others[camera], `camera ${waiting} waits`).toBeLessThanOrEqual(1);
          });
        }
        pipelines.forEach((pipeline, camera) => {
          const isWaiting =
            pipeline.inWork > inFlight()[camera]! && pipeline.inFlight < session.framesInFlight;
          if (!isWaiting) since[camera] = null;
          else since[camera] ??= Array.from({ length: count }, () => 0);
        });
      };
      for (let move = 0; move < 600; move++) {
        // Camera 0 floods, camera 3 is rare.
        const weighted = [0, 0, 0, 0, 0, 1, 1, 2, 2, 3];
        if (random() < 0.7) offer(weighted[Math.floor(random() * weighted.length)]!);
        else await step();
        follow();
      }
      expect(errors).toEqual([]);
    },
  );

  it('a camera that hangs in the session leaves the other places to the others, and piles up no results', async () => {
    const { session, pipelines, offer, outOf } = cameras(2, 3, 3);
    offer(0);
    await settle();
    session.preparing.get(0)!.resolve();
    await settle();
    // Frame 0 of camera 0 hangs from here on; everything else goes through.
    for (let round = 0; round < 50; round++) {
      offer(0);
      offer(1);
      await settle();
      for (const gates of [session.preparing, session.running]) {
        for (const [sequence, gate] of gates) if (sequence !== 0) gate.resolve();
        await settle();
      }
    }
    expect(outOf(0)).toBe(0);
    expect(pipelines[0]!.inFlight).toBe(session.framesInFlight);
    expect(outOf(1)).toBe(50);
    session.running.get(0)!.resolve();
    await settle();
    expect(outOf(0)).toBe(session.framesInFlight);
  });

  it('a camera that is deactivated gives its turn back, and the others go on', async () => {
    const { session, pipelines, offer, step, results } = cameras(2, 1, 1);
    offer(1);
    offer(0);
    offer(1);
    await pipelines[0]!.deactivate();
    await settle();
    await step();
    await step();
    expect(results).toEqual([1000]);
    expect([...session.preparing.keys()]).toEqual([1001]);
  });

  it('a session that dies ends all of them', async () => {
    const { session, pipelines, offer, errors } = cameras(3);
    for (let camera = 0; camera < 3; camera++) offer(camera);
    session.prepare = () => Promise.reject(new BackendError('bpu_dead', 'on purpose'));
    for (const gate of session.preparing.values()) gate.reject(new BackendError('bpu_dead', 'on purpose'));
    await settle();
    expect(pipelines.map(({ state }) => state)).toEqual(['dead', 'dead', 'dead']);
    expect(errors).toHaveLength(3);
    expect(pipelines.map(({ inWork }) => inWork)).toEqual([0, 0, 0]);
  });
});
