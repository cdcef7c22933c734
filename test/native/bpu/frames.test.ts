import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { PostprocessPool } from '#dist/backends/bpu/postprocessPool.js';
import { BackendError, ClosedError, FrameError } from '#dist/core/errors.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import type { FrameResult } from '#dist/core/result.js';
import { resolveHeads } from '#dist/model/heads.js';
import {
  addressOf,
  bpuState,
  isLeased,
  openViews,
  prepareSlot,
  releaseSlot,
  runSlot,
  type SlotLease,
} from '#dist/native/bpu.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { detect, lumaOf, plainFrame } from './plainFrames.js';
import { nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const open = (workers: number, ...settings: readonly string[]) =>
  openBpuSession(dnn.options(dnn.model(...settings), { postprocessWorkers: workers }));

const geometry = solveLetterbox(128, 128, 64, 64);

async function prepare(session: number, luma: number): Promise<SlotLease> {
  const frame = plainFrame(luma);
  const request = { frame: frame.native, geometry, filter: 'auto', yuvRange: 'full', preview: null } as const;
  try {
    return await prepareSlot(session, request);
  } finally {
    frame.close();
  }
}

describe('zero copies', () => {
  it('the slot, what the BPU is given and what TypeScript reads are the same memory', async () => {
    const session = await open(0);
    const views = openViews(session.id);
    const { slots } = bpuState(session.id);
    expect(views).toHaveLength(session.framesInFlight + 1);
    views.forEach(({ input, outputs }, index) => {
      expect(addressOf(input)).toBe(slots[index]!.inputAddress);
      expect(outputs.map(addressOf)).toEqual(slots[index]!.outputAddresses);
    });
    const all = slots.flatMap((slot) => [slot.inputAddress, ...slot.outputAddresses]);
    expect(new Set(all).size).toBe(all.length);
    expect(openViews(session.id)).toBe(views);
    await session.close();
  });

  const preview = { widthPx: 32, heightPx: 32 };
  it.each([
    [0, null],
    [2, null],
    [0, preview],
  ])(
    'a frame is one read, one write and no allocation (%i workers, preview %o)',
    async (workers, preview) => {
      const session = await open(workers);
      const before = bpuState(session.id).counters;
      for (let sequence = 0; sequence < 20; sequence++) {
        expect(lumaOf(await detect(session, sequence * 5, sequence, preview))).toBe(sequence * 5);
      }
      const after = bpuState(session.id).counters;
      const change = Object.fromEntries(
        Object.entries(after).map(([name, value]) => [name, value - before[name as keyof typeof before]]),
      );
      expect(change).toEqual({
        allocations: 0,
        allocatedBytes: 0,
        frees: 0,
        failedFrees: 0,
        cleans: 20,
        invalidates: 200,
        sourceReads: 20,
        previewReads: preview === null ? 0 : 20,
        inputWrites: 20,
        tasksSubmitted: 20,
        tasksReleased: 20,
        tasksDone: 20,
        tasksRefused: 0,
        tasksFailed: 0,
        tasksTimedOut: 0,
      });
      await session.close();
    },
  );
});

describe('leases', () => {
  it('end with their generation: nothing can be done with an old one', async () => {
    const session = await open(0);
    const { id } = session;
    const first = await prepare(id, 10);
    expect(isLeased(id, first)).toBe(false);
    await runSlot(id, first);
    expect(isLeased(id, first)).toBe(true);
    releaseSlot(id, first);
    const second = await prepare(id, 20);
    expect(second).toMatchObject({ slot: first.slot, generation: first.generation + 1 });
    await runSlot(id, second);
    expect([isLeased(id, first), isLeased(id, second)]).toEqual([false, true]);
    expect(() => releaseSlot(id, first)).toThrow(/is in generation \d+; the lease is of generation \d+/);
    await expect(runSlot(id, first)).rejects.toBeInstanceOf(ClosedError);
    releaseSlot(id, second);
    expect(() => releaseSlot(id, second)).toThrow(/slot 0 is free; expected ready or being read/);
    await session.close();
  });

  it.each([0, 1])('that are over are not post-processed (%i workers)', async (workers) => {
    const session = await open(0);
    const specs = session.model.outputs;
    const heads = resolveHeads(specs, { widthPx: 64, heightPx: 64 });
    const pool = new PostprocessPool({ session: session.id, specs, heads }, workers);
    await pool.ready(10_000);
    const lease = await prepare(session.id, 10);
    const stale = { name: 'ClosedError', code: 'stale_lease' };
    await expect(pool.run(lease, geometry, defaultOptions)).rejects.toMatchObject(stale);
    await runSlot(session.id, lease);
    expect((await pool.run(lease, geometry, defaultOptions)).instances.count).toBe(1);
    releaseSlot(session.id, lease);
    await expect(pool.run(lease, geometry, defaultOptions)).rejects.toMatchObject(stale);
    await pool.close();
    await session.close();
  });

  it('are post-processed by workers that were added later, too', async () => {
    const session = await open(3);
    const specs = session.model.outputs;
    const heads = resolveHeads(specs, { widthPx: 64, heightPx: 64 });
    const leases = await Promise.all([10, 20, 30].map((luma) => prepare(session.id, luma)));
    for (const lease of leases) await runSlot(session.id, lease);
    // The kernel's own list: what is neither used nor ended with the pool would stay in it.
    const threadCount = () => readdirSync('/proc/self/task').length;
    const threadsBefore = threadCount();
    const pool = new PostprocessPool({ session: session.id, specs, heads }, 1);
    expect(await pool.ready(10_000)).toBeGreaterThan(0);
    const threadsOfOne = threadCount() - threadsBefore;
    pool.add(2);
    expect(await pool.ready(10_000)).toBeGreaterThan(0);
    expect(threadCount()).toBe(threadsBefore + 3 * threadsOfOne);
    const results = await Promise.all(leases.map((lease) => pool.run(lease, geometry, defaultOptions)));
    expect(results.map(({ instances }) => instances.count)).toEqual([1, 1, 1]);
    for (const lease of leases) releaseSlot(session.id, lease);
    await pool.close();
    await vi.waitFor(() => expect(threadCount()).toBe(threadsBefore));
    await session.close();
  });

  it('do not run before they are prepared or twice at once', async () => {
    const session = await open(0, 'core_ms: 100');
    const lease = await prepare(session.id, 10);
    const running = runSlot(session.id, lease);
    await expect(runSlot(session.id, lease)).rejects.toThrow(/slot 0 is running; expected ready/);
    await running;
    await expect(runSlot(session.id, lease)).rejects.toThrow(/slot 0 is being read; expected ready/);
    releaseSlot(session.id, lease);
    await session.close();
  });

  it('views are empty after the close and everything else refuses', async () => {
    const session = await open(0);
    const views = openViews(session.id);
    const lease = await prepare(session.id, 10);
    await session.close();
    expect(views.flatMap(({ input, outputs }) => [input, ...outputs]).map((view) => view.byteLength)).toEqual(
      new Array(views.length * 11).fill(0),
    );
    for (const call of [
      () => openViews(session.id),
      () => bpuState(session.id),
      () =>
        prepareSlot(session.id, {
          frame: plainFrame(1).native,
          geometry,
          filter: 'auto',
          yuvRange: 'full',
          preview: null,
        }),
      () => runSlot(session.id, lease),
    ]) {
      await expect((async () => call())()).rejects.toBeInstanceOf(ClosedError);
    }
    expect(isLeased(session.id, lease)).toBe(false);
    releaseSlot(session.id, lease);
  });

  it('of one session are nothing to another in the same process', async () => {
    const path = dnn.model();
    const [one, two] = await Promise.all([
      openBpuSession(dnn.options(path)),
      openBpuSession(dnn.options(path, { postprocessWorkers: 1 })),
    ]);
    const results = await Promise.all(
      [11, 22, 33, 44].map((luma, index) => detect(index % 2 === 0 ? one! : two!, luma)),
    );
    expect(results.map(lumaOf)).toEqual([11, 22, 33, 44]);
    await one!.close();
    expect(lumaOf(await detect(two!, 55))).toBe(55);
    await two!.close();
  });
});

describe('many frames at once', () => {
  it.each([0, 1, 2])('come out, each with its own result (%i workers)', async (workers) => {
    const session = await open(workers, 'core_ms: 1');
    const answered: number[] = [];
    const inFlight = new Set<Promise<void>>();
    for (let sequence = 0; sequence < 60; sequence++) {
      if (inFlight.size >= session.framesInFlight) await Promise.race(inFlight);
      const frame = plainFrame(sequence * 4, sequence);
      const prepared = await session.prepare(frame, null);
      frame.close();
      const work = session.run(prepared, defaultOptions).then((result) => {
        expect(lumaOf(result)).toBe(result.header.sequence * 4);
        answered.push(result.header.sequence);
        inFlight.delete(work);
      });
      inFlight.add(work);
    }
    await Promise.all(inFlight);
    expect(answered.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, sequence) => sequence));
    expect(session.slotsInUse).toBe(0);
    await session.close();
  });

  it('2000 with random faults: each is a right result or a dropped frame, nothing leaks', async () => {
    const session = await open(2, 'core_ms: 0.2', 'host_ms: 0.2', 'random_faults: 7 0.05');
    const results: FrameResult[] = [];
    const dropped: string[] = [];
    const errors: unknown[] = [];
    const pipeline = new Pipeline({
      session,
      onResult: (result) => results.push(result),
      onDrop: (reason) => dropped.push(reason),
      onError: (error) => errors.push(error),
      previewRequest: () => null,
      postprocessOptions: () => defaultOptions,
    });
    pipeline.activate();
    for (let sequence = 0; sequence < 2000; sequence++) {
      // No frame is superseded: what is missing at the end was lost to a fault.
      while (pipeline.inFlight >= session.inputsInFlight) await sleep(0);
      pipeline.offer(plainFrame(sequence % 250, sequence));
    }
    await vi.waitFor(() => expect(pipeline.inFlight).toBe(0));
    await pipeline.close();
    expect(errors).toEqual([]);
    expect(results.length + dropped.length).toBe(2000);
    expect([...new Set(dropped)]).toEqual(['bpu_task']);
    expect(dropped.length).toBeGreaterThan(100);
    for (const result of results) expect(lumaOf(result)).toBe(result.header.sequence % 250);
    const sequences = results.map((result) => result.header.sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    const { counters, slotsInUse } = bpuState(session.id);
    expect(slotsInUse).toBe(0);
    expect(counters.tasksSubmitted).toBe(counters.tasksReleased);
    expect(counters.tasksSubmitted).toBe(counters.tasksDone + counters.tasksFailed);
    expect(counters.allocations).toBe(11 * (session.framesInFlight + 1));
    await session.close();
  }, 60_000);

  it('dropped frames do not end the pipeline, a dead BPU does', async () => {
    const session = await open(0, 'fault: hbDNNInfer 2 -6000009', 'fault: hbDNNInfer 4 -6000005');
    const drops: string[] = [];
    const errors: unknown[] = [];
    const pipeline = new Pipeline({
      session,
      onResult: () => {},
      onDrop: (reason, _header, error) => drops.push(`${reason} ${error instanceof FrameError}`),
      onError: (error) => errors.push(error),
      previewRequest: () => null,
      postprocessOptions: () => defaultOptions,
    });
    pipeline.activate();
    for (let sequence = 0; sequence < 3; sequence++) {
      pipeline.offer(plainFrame(9, sequence));
      await vi.waitFor(() => expect(pipeline.inFlight).toBe(0));
    }
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    expect(drops).toEqual(['bpu_busy true', 'failed false']);
    expect(errors[0]).toBeInstanceOf(BackendError);
    expect(pipeline.state).toBe('dead');
    await pipeline.close();
    await session.close();
  });
});
