import { describe, expect, it } from 'vitest';
import { measure } from '#dist/bench/measure.js';
import type { FrameLease } from '#dist/core/frame.js';
import type { BackendSession, PreparedFrame } from '#dist/core/ports.js';
import type { FrameResult, PostprocessOptions } from '#dist/core/result.js';
import { closeFrame } from '#dist/native/core.js';

const pictures = [2, 4, 8].map((widthPx) => ({
  name: `${widthPx} wide`,
  widthPx,
  heightPx: 2,
  nv12: new Uint8Array(widthPx * 3),
}));
const options = { scoreThreshold: 0.25 } as PostprocessOptions;

/** Counts what is in flight; frame n finds n instances. */
class CountingSession implements Partial<BackendSession> {
  readonly sequences: number[] = [];
  readonly widthsPx: number[] = [];
  readonly #frames = new Map<number, FrameLease>();
  inFlight = 0;
  mostInFlight = 0;
  inputs = 0;
  mostInputs = 0;

  constructor(
    readonly framesInFlight: number,
    readonly failAt: number | null = null,
    readonly inputsInFlight = framesInFlight,
  ) {}

  async prepare(frame: FrameLease): Promise<PreparedFrame> {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    this.mostInputs = Math.max(this.mostInputs, ++this.inputs);
    this.sequences.push(frame.header.sequence);
    this.widthsPx.push(frame.header.widthPx);
    this.#frames.set(frame.header.sequence, frame);
    await new Promise(setImmediate);
    return { header: frame.header } as PreparedFrame;
  }

  async run(
    { header }: PreparedFrame,
    _options: PostprocessOptions,
    onInferred: () => void,
  ): Promise<FrameResult> {
    if (closeFrame(this.#frames.get(header.sequence)!.native))
      throw new Error(`frame ${header.sequence} is still open`);
    await new Promise(setImmediate);
    this.inputs--;
    onInferred();
    await new Promise(setImmediate);
    this.inFlight--;
    if (header.sequence === this.failAt) throw new Error(`frame ${header.sequence} failed`);
    return { header, instances: { count: header.sequence }, stageTimesMs: {} } as unknown as FrameResult;
  }
}

function start(session: CountingSession, frames: number, onFrame: (done: number) => void = () => {}) {
  return startUntil(new AbortController().signal, session, frames, onFrame);
}

function startUntil(
  signal: AbortSignal,
  session: CountingSession,
  frames: number,
  onFrame: (done: number) => void,
) {
  return measure({
    session: session as unknown as BackendSession,
    pictures,
    frames,
    options,
    signal,
    onFrame,
  });
}

describe('measure', () => {
  it.each([1, 2, 5])('keeps %i tasks in flight and runs every frame once', async (tasks) => {
    const session = new CountingSession(tasks);
    const done: number[] = [];
    const run = await start(session, 20, (count) => done.push(count));
    expect(session.mostInFlight).toBe(tasks);
    expect(session.sequences).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(run.stageTimesMs).toHaveLength(20);
    expect(run.instanceCount).toBe(190);
  });

  it('prepares no more frames than may wait for their inference', async () => {
    const session = new CountingSession(5, null, 3);
    await start(session, 20);
    expect(session).toMatchObject({ mostInFlight: 5, mostInputs: 3, inFlight: 0, inputs: 0 });
  });

  it('shows the pictures in turn', async () => {
    const session = new CountingSession(2);
    await start(session, 7);
    expect(session.widthsPx).toEqual([2, 4, 8, 2, 4, 8, 2]);
  });

  it('starts no frame after an abort and resolves when those in work are done', async () => {
    const session = new CountingSession(3);
    const abort = new AbortController();
    const run = await startUntil(abort.signal, session, 1000, (done) => {
      if (done === 5) abort.abort();
    });
    expect(session.inFlight).toBe(0);
    expect(run.stageTimesMs.length).toBe(session.sequences.length);
    expect(run.stageTimesMs.length).toBeLessThan(5 + 3);
  });

  it('rejects with the error of a frame, with nothing left in work', async () => {
    const session = new CountingSession(3, 7);
    await expect(start(session, 500)).rejects.toThrow('frame 7 failed');
    expect(session.inFlight).toBe(0);
    expect(session.sequences.length).toBeLessThan(7 + 2 * 3);
  });
});
