import { describe, expect, it } from 'vitest';
import { FrameError } from '#dist/core/errors.js';
import type { PostprocessOptions } from '#dist/core/result.js';
import { type EveryFrameRequest, runEveryFrame } from '#dist/pipeline/everyFrame.js';
import { FakeFrame, FakeSession } from './fakes.js';

/** Lets everything go on that waits for nothing else. */
const settle = () => new Promise(setImmediate);

/** Frames 0, 1, ... through a session; every step waits for the test. */
class Run {
  readonly session: FakeSession;
  readonly frames: FakeFrame[] = [];
  /** Sequence numbers in the order of their results; a fault has a minus before it. */
  readonly told: string[] = [];
  readonly #stop = new AbortController();
  readonly done: Promise<void>;

  constructor(
    count: number,
    framesInFlight: number,
    {
      inputsInFlight = framesInFlight,
      ...changes
    }: Partial<EveryFrameRequest<FakeFrame>> & {
      readonly inputsInFlight?: number;
    } = {},
  ) {
    this.session = new FakeSession(framesInFlight, inputsInFlight);
    this.done = runEveryFrame<FakeFrame>({
      session: this.session,
      next: () => {
        if (this.frames.length === count) return null;
        this.frames.push(new FakeFrame(this.frames.length));
        return this.frames.at(-1)!;
      },
      openFrame: (frame) => frame,
      postprocess: {} as PostprocessOptions,
      previewRequest: () => null,
      signal: this.#stop.signal,
      onResult: (frame) => {
        this.told.push(`${frame.header.sequence}`);
      },
      ...changes,
    });
    this.done.catch(() => {});
  }

  abort(): void {
    this.#stop.abort();
  }

  async prepared(sequence: number): Promise<void> {
    await settle();
    this.session.preparing.get(sequence)!.resolve();
    await settle();
  }

  async ran(sequence: number): Promise<void> {
    this.session.running.get(sequence)!.resolve();
    await settle();
  }
}

const sequencesOf = (gates: ReadonlyMap<number, unknown>) => [...gates.keys()];

describe('runEveryFrame', () => {
  it('starts a frame for each that the session takes, and tells the results in the order of the frames', async () => {
    const run = new Run(3, 3);
    await settle();
    expect(sequencesOf(run.session.preparing)).toEqual([0, 1, 2]);
    for (const frame of [2, 1, 0]) await run.prepared(frame);
    await run.ran(2);
    await run.ran(1);
    expect(run.told).toEqual([]);
    await run.ran(0);
    await run.done;
    expect(run.told).toEqual(['0', '1', '2']);
    expect(run.frames.map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });

  it('goes on with the next frames while a result is told, until three wait beyond the frames in flight', async () => {
    let tellFirst = () => {};
    const run = new Run(9, 2, {
      onResult: async ({ header: { sequence } }) => {
        if (sequence === 0)
          await new Promise<void>((resolve) => {
            tellFirst = resolve;
          });
        run.told.push(`${sequence}`);
      },
    });
    for (let frame = 0; frame < 5; frame++) {
      await run.prepared(frame);
      await run.ran(frame);
    }
    expect(run.told).toEqual([]);
    expect(sequencesOf(run.session.preparing)).toEqual([]);
    expect(run.frames).toHaveLength(5);
    tellFirst();
    for (let frame = 5; frame < 9; frame++) {
      await run.prepared(frame);
      await run.ran(frame);
    }
    await run.done;
    expect(run.told).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
  });

  it('prepares no more than may wait for their inference', async () => {
    const run = new Run(3, 3, { inputsInFlight: 1 });
    await run.prepared(0);
    expect(sequencesOf(run.session.preparing)).toEqual([]);
    run.session.endInference(0);
    await settle();
    expect(sequencesOf(run.session.preparing)).toEqual([1]);
    await run.prepared(1);
    run.session.endInference(1);
    await run.prepared(2);
    for (const frame of [2, 1, 0]) await run.ran(frame);
    await run.done;
    expect(run.told).toEqual(['0', '1', '2']);
  });

  it('tells a frame that cannot be opened in its place', async () => {
    const run = new Run(3, 2, {
      openFrame: (frame) => {
        if (frame.header.sequence === 1) throw new FrameError('size', 'frame 1 is broken', {});
        return frame;
      },
      onFault: (frame, { message }) => {
        expect(message).toBe('frame 1 is broken');
        run.told.push(`-${frame.header.sequence}`);
      },
    });
    await run.prepared(0);
    expect(run.told).toEqual([]);
    await run.ran(0);
    await run.prepared(2);
    await run.ran(2);
    await run.done;
    expect(run.told).toEqual(['0', '-1', '2']);
  });

  it('says that it is done with every frame, also one that cannot be opened and one whose result nobody takes', async () => {
    const left: number[] = [];
    const run = new Run(3, 3, {
      openFrame: (frame) => {
        if (frame.header.sequence === 0) throw new FrameError('size', 'frame 0 is broken', {});
        return frame;
      },
      onFault: () => {},
      onResult: ({ header: { sequence } }) => {
        if (sequence === 1) throw new Error('the disk is full');
      },
      onLeft: ({ header: { sequence } }) => left.push(sequence),
    });
    await settle();
    expect(left).toEqual([0]);
    await run.prepared(1);
    await run.prepared(2);
    await run.ran(2);
    expect(left).toEqual([0]);
    await run.ran(1);
    await expect(run.done).rejects.toThrow('the disk is full');
    expect(left.sort()).toEqual([0, 1, 2]);
  });

  it('ends with what a result cannot be given to, once no frame is in work', async () => {
    const run = new Run(3, 2, {
      onResult: () => {
        throw new Error('the disk is full');
      },
    });
    await run.prepared(0);
    await run.prepared(1);
    await run.ran(0);
    let hasEnded = false;
    run.done.catch(() => {
      hasEnded = true;
    });
    await settle();
    expect(hasEnded).toBe(false);
    await run.ran(1);
    await expect(run.done).rejects.toThrow('the disk is full');
    expect(run.frames).toHaveLength(2);
    expect(run.session.leaked).toBe(0);
  });

  it('tells its failure once and at once, for whatever the next frame waits for to end', async () => {
    let told = 0;
    let endInput = () => {};
    const input = new Promise<null>((resolve) => {
      endInput = () => resolve(null);
    });
    const frames = [new FakeFrame(0), new FakeFrame(1)];
    const run = new Run(0, 3, {
      next: () => frames.shift() ?? input,
      onResult: () => {
        throw new Error('the disk is full');
      },
      onFailure: () => {
        told++;
        endInput();
      },
    });
    await run.prepared(0);
    await run.prepared(1);
    expect(told).toBe(0);
    await run.ran(0);
    expect(told).toBe(1);
    await run.ran(1);
    await expect(run.done).rejects.toThrow('the disk is full');
    expect(told).toBe(1);
  });

  it('starts nothing after an abort, and tells what was in work', async () => {
    const run = new Run(5, 2);
    await run.prepared(0);
    await run.prepared(1);
    run.abort();
    await run.ran(1);
    await run.ran(0);
    await run.done;
    expect(run.told).toEqual(['0', '1']);
    expect(run.frames).toHaveLength(2);
  });
});
