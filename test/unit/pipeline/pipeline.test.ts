import { describe, expect, it } from 'vitest';
import { BackendError, ClosedError, FrameError } from '#dist/core/errors.js';
import type { FrameHeader } from '#dist/core/frame.js';
import type { FrameResult, PreviewImage } from '#dist/core/result.js';
import { Pipeline, type PipelineOptions } from '#dist/pipeline/pipeline.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { FakeFrame, FakeSession, Gate, settle } from './fakes.js';

function build(
  overrides: Partial<PipelineOptions> = {},
  framesInFlight = 2,
  inputsInFlight = framesInFlight,
) {
  const session = new FakeSession(framesInFlight, inputsInFlight);
  const results: FrameResult[] = [];
  const previews: (PreviewImage | null)[] = [];
  const drops: [reason: string, sequence: number][] = [];
  const errors: unknown[] = [];
  const pipeline = new Pipeline({
    session,
    onResult: (result, preview) => {
      results.push(result);
      previews.push(preview);
    },
    onDrop: (reason, header: FrameHeader) => drops.push([reason, header.sequence]),
    onError: (error) => errors.push(error),
    previewRequest: () => null,
    postprocessOptions: () => defaultOptions,
    ...overrides,
  });
  const frames = Array.from({ length: 8 }, (_, sequence) => new FakeFrame(sequence));
  const published = () => results.map((result) => result.header.sequence);
  const prepared = async (sequence: number) => {
    session.preparing.get(sequence)!.resolve();
    await settle();
  };
  const ran = async (sequence: number) => {
    session.running.get(sequence)!.resolve();
    await settle();
  };
  return { session, pipeline, frames, published, previews, drops, errors, prepared, ran };
}

describe('Pipeline: the frame way', () => {
  it('starts framesInFlight frames, lets the latest wait and closes the others as superseded', async () => {
    const { session, pipeline, frames, drops } = build();
    pipeline.activate();
    for (const frame of frames.slice(0, 5)) pipeline.offer(frame);
    expect([...session.preparing.keys()]).toEqual([0, 1]);
    expect(pipeline.inFlight).toBe(2);
    expect(drops).toEqual([
      ['superseded', 2],
      ['superseded', 3],
    ]);
    expect(frames.map((frame) => frame.closed)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it('starts a frame when an earlier one is inferred, though frames are still post-processed', async () => {
    const { session, pipeline, frames, drops, prepared, ran } = build({}, 3, 2);
    pipeline.activate();
    for (const frame of frames.slice(0, 3)) pipeline.offer(frame);
    await prepared(0);
    await prepared(1);
    expect([...session.preparing.keys()]).toEqual([]);
    pipeline.offer(frames[3]!);
    expect(drops).toEqual([['superseded', 2]]);
    session.endInference(0);
    // The latest, not the one that waited when the room was made.
    expect([...session.preparing.keys()]).toEqual([3]);
    session.endInference(1);
    pipeline.offer(frames[4]!);
    // Room for an input, but not for a frame.
    expect([...session.preparing.keys()]).toEqual([3]);
    await ran(0);
    expect([...session.preparing.keys()]).toEqual([3, 4]);
  });

  it('has room again when a frame fails in its inference', async () => {
    const { session, pipeline, frames, drops, prepared } = build({}, 3, 1);
    pipeline.activate();
    pipeline.offer(frames[0]!);
    pipeline.offer(frames[1]!);
    await prepared(0);
    session.running.get(0)!.reject(new FrameError('bpu_busy', 'on purpose'));
    await settle();
    expect(drops).toEqual([['bpu_busy', 0]]);
    expect([...session.preparing.keys()]).toEqual([1]);
  });

  it('closes a frame right after prepare, before the inference', async () => {
    const { session, pipeline, frames, prepared } = build();
    pipeline.activate();
    pipeline.offer(frames[0]!);
    await prepared(0);
    expect(frames[0]!.closed).toBe(1);
    expect([...session.running.keys()]).toEqual([0]);
  });

  it('publishes in the order of the frames when a later one finishes first', async () => {
    const { pipeline, frames, published, prepared, ran } = build();
    pipeline.activate();
    pipeline.offer(frames[0]!);
    pipeline.offer(frames[1]!);
    await prepared(1);
    await prepared(0);
    await ran(1);
    expect(published()).toEqual([]);
    expect(pipeline.inFlight).toBe(2);
    await ran(0);
    expect(published()).toEqual([0, 1]);
    expect(pipeline.inFlight).toBe(0);
  });

  it('does not hold later results back for a frame that was dropped', async () => {
    const { session, pipeline, frames, published, drops, prepared, ran } = build();
    pipeline.activate();
    pipeline.offer(frames[0]!);
    pipeline.offer(frames[1]!);
    await prepared(1);
    await ran(1);
    session.preparing.get(0)!.reject(new FrameError('overwritten', 'changed under the read'));
    await settle();
    expect(drops).toEqual([['overwritten', 0]]);
    expect(published()).toEqual([1]);
    expect(frames[0]!.closed).toBe(1);
  });

  it('starts the waiting frame when a result has left', async () => {
    const { session, pipeline, frames, prepared, ran } = build({}, 1);
    pipeline.activate();
    pipeline.offer(frames[0]!);
    pipeline.offer(frames[1]!);
    await prepared(0);
    expect(session.preparing.size).toBe(0);
    await ran(0);
    expect([...session.preparing.keys()]).toEqual([1]);
  });

  it('asks for preview and live parameters once per started frame', async () => {
    let threshold = 0.1;
    const built = build({
      previewRequest: ({ widthPx, heightPx }) => ({ widthPx: widthPx / 2, heightPx: heightPx / 2 }),
      postprocessOptions: () => ({ ...defaultOptions, scoreThreshold: threshold }),
    });
    const { session, pipeline, frames, previews, prepared, ran } = built;
    pipeline.activate();
    for (const sequence of [0, 1]) {
      pipeline.offer(frames[sequence]!);
      await prepared(sequence);
      await ran(sequence);
      threshold = 0.9;
    }
    expect(session.optionsSeen.map((options) => options.scoreThreshold)).toEqual([0.1, 0.9]);
    expect(session.previewsAsked).toEqual([
      { widthPx: 32, heightPx: 24 },
      { widthPx: 32, heightPx: 24 },
    ]);
    expect(previews[0]).toMatchObject({ widthPx: 32, heightPx: 24 });
  });
});

describe('Pipeline: generations', () => {
  it('begins inactive: frames are closed and counted', () => {
    const { pipeline, frames, drops } = build();
    pipeline.offer(frames[0]!);
    expect(frames[0]!.closed).toBe(1);
    expect(drops).toEqual([['inactive', 0]]);
  });

  it('deactivate closes what waits at once and drops results of frames in work', async () => {
    const { session, pipeline, frames, published, drops, prepared, ran } = build();
    pipeline.activate();
    for (const frame of frames.slice(0, 3)) pipeline.offer(frame);
    await prepared(0);
    const idle = pipeline.deactivate();
    expect(frames[2]!.closed).toBe(1);
    await prepared(1);
    expect(session.discarded).toEqual([1]);
    await ran(0);
    await idle;
    expect(published()).toEqual([]);
    expect(drops.sort()).toEqual([
      ['inactive', 2],
      ['stale', 0],
      ['stale', 1],
    ]);
    expect(session.leaked).toBe(0);
    expect(frames.slice(0, 3).map((frame) => frame.closed)).toEqual([1, 1, 1]);
  });

  it('gives the preview of a dropped result back', async () => {
    const { session, pipeline, frames, prepared, ran } = build({
      previewRequest: () => ({ widthPx: 2, heightPx: 2 }),
    });
    pipeline.activate();
    pipeline.offer(frames[0]!);
    await prepared(0);
    const idle = pipeline.deactivate();
    await ran(0);
    await idle;
    expect(session.recycled).toHaveLength(1);
  });

  it('never publishes a result of before a deactivation, even when active again', async () => {
    const { pipeline, frames, published, prepared, ran } = build();
    pipeline.activate();
    pipeline.offer(frames[0]!);
    await prepared(0);
    void pipeline.deactivate();
    pipeline.activate();
    pipeline.offer(frames[1]!);
    await ran(0);
    await prepared(1);
    await ran(1);
    expect(published()).toEqual([1]);
  });

  it('close waits for frames in work, but not for ever', async () => {
    const { session, pipeline, frames, prepared } = build({ drainTimeoutMs: 20 });
    pipeline.activate();
    pipeline.offer(frames[0]!);
    await prepared(0);
    const startMs = performance.now();
    await pipeline.close();
    expect(performance.now() - startMs).toBeGreaterThan(15);
    expect(session.running.size).toBe(1);
    expect(pipeline.state).toBe('closed');
    pipeline.offer(frames[1]!);
    expect(frames[1]!.closed).toBe(1);
    expect(() => pipeline.activate()).toThrow(ClosedError);
  });
});

describe('Pipeline: failures', () => {
  it('ends at the first error that is not the frame’s own and reports it once', async () => {
    const { session, pipeline, frames, published, drops, errors, prepared, ran } = build();
    pipeline.activate();
    for (const frame of frames.slice(0, 3)) pipeline.offer(frame);
    await prepared(0);
    await prepared(1);
    const failure = new BackendError('worker_dead', 'gone');
    session.running.get(0)!.reject(failure);
    await settle();
    await ran(1);
    pipeline.offer(frames[3]!);
    await settle();
    expect(errors).toEqual([failure]);
    expect(published()).toEqual([]);
    expect(pipeline.state).toBe('dead');
    expect(drops.map(([reason]) => reason)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(frames.slice(0, 4).map((frame) => frame.closed)).toEqual([1, 1, 1, 1]);
    expect(() => pipeline.activate()).toThrow(ClosedError);
    await pipeline.deactivate();
  });

  it('still publishes what was in order before the failure', async () => {
    const { session, pipeline, frames, published, prepared, ran } = build();
    pipeline.activate();
    pipeline.offer(frames[0]!);
    pipeline.offer(frames[1]!);
    await prepared(0);
    await prepared(1);
    session.running.get(1)!.reject(new BackendError('worker_dead', 'gone'));
    await settle();
    await ran(0);
    expect(published()).toEqual([0]);
    expect(pipeline.state).toBe('dead');
  });

  it.each([
    ['onResult', { onResult: () => raise('broken output') }],
    ['postprocessOptions', { postprocessOptions: () => raise('broken output') }],
    ['previewRequest', { previewRequest: () => raise('broken output') }],
    ['onDrop', { onDrop: () => raise('broken output') }],
  ])('a throw in %s ends the pipeline and never reaches the caller of offer', async (name, override) => {
    const { pipeline, frames, errors, session } = build(override as Partial<PipelineOptions>, 1);
    pipeline.activate();
    pipeline.offer(frames[0]!);
    pipeline.offer(frames[1]!);
    pipeline.offer(frames[2]!);
    await settle();
    for (const gates of [session.preparing, session.running]) {
      for (const gate of gates.values()) gate.resolve();
      await settle();
    }
    expect(errors.map((error) => (error as Error).message)).toEqual(['broken output']);
    expect(frames.slice(0, 3).map((frame) => frame.closed >= 1)).toEqual([true, true, true]);
    await pipeline.close();
    expect(name).toBeTruthy();
  });

  it('a session that throws at once does not throw into offer', async () => {
    const { session, pipeline, frames, errors } = build();
    session.prepare = () => raise('no promise');
    pipeline.activate();
    expect(() => pipeline.offer(frames[0]!)).not.toThrow();
    expect(errors).toEqual([]);
    await settle();
    expect(errors).toHaveLength(1);
    expect(frames[0]!.closed).toBe(1);
  });

  it('waits for nothing once idle', async () => {
    const { pipeline } = build();
    const gate = new Gate<void>();
    void pipeline.deactivate().then(() => gate.resolve());
    await gate.promise;
  });
});

function raise(message: string): never {
  throw new Error(message);
}
