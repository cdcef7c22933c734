import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import { ClosedError } from '#dist/core/errors.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { bpuState, closeBpu, closeBpuNow, prepareSlot, runSlot } from '#dist/native/bpu.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { detect, lumaOf, plainFrame } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const taskTimeoutMs = 1000;

function open(workers: number, ...settings: readonly string[]): Promise<BpuSession> {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs, priority: 0 };
  return openBpuSession(dnn.options(dnn.model(...settings), { postprocessWorkers: workers, bpu }));
}

/** A pipeline that keeps lumas of results and reasons of drops. */
function watched(session: BpuSession, drainTimeoutMs?: number) {
  const [lumas, drops, errors]: [number[], string[], unknown[]] = [[], [], []];
  const pipeline = new Pipeline({
    session,
    onResult: (result) => lumas.push(lumaOf(result)),
    onDrop: (reason) => drops.push(reason),
    onError: (error) => errors.push(error),
    previewRequest: () => null,
    postprocessOptions: () => defaultOptions,
    ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
  });
  pipeline.activate();
  return { pipeline, lumas, drops, errors };
}

/** Offers as many frames as may wait for the BPU, and waits until two are on the BPU. */
async function fill(pipeline: Pipeline, session: BpuSession): Promise<void> {
  for (let frame = 0; frame < session.inputsInFlight; frame++) pipeline.offer(plainFrame(frame));
  expect(pipeline.inFlight).toBe(session.inputsInFlight);
  await vi.waitFor(() => expect(dnn.held().tasks).toBe(2), { interval: 1 });
}

describe.each([0, 2])('with frames in flight (%i workers)', (workers) => {
  it('deactivating publishes none of them, and the slots come back for those after', async () => {
    const session = await open(workers, 'core_ms: 60');
    const { pipeline, lumas, drops, errors } = watched(session);
    await fill(pipeline, session);
    const inFlight = pipeline.inFlight;
    const idle = pipeline.deactivate();
    pipeline.offer(plainFrame(99));
    await idle;
    expect([lumas, errors]).toEqual([[], []]);
    expect(drops.sort()).toEqual(['inactive', ...new Array(inFlight).fill('stale')]);
    expect(session.slotsInUse).toBe(0);
    pipeline.activate();
    pipeline.offer(plainFrame(77));
    await vi.waitFor(() => expect(lumas).toEqual([77]));
    await pipeline.close();
    await session.close();
  });

  it('cleaning up waits for the BPU and gives everything back', async () => {
    const session = await open(workers, 'core_ms: 60');
    const { pipeline, lumas, errors } = watched(session);
    await fill(pipeline, session);
    await pipeline.close();
    expect(await session.closeWithReport()).toEqual({
      isDrained: true,
      heldBytes: 0,
      quarantinedSlots: 0,
      quarantinedBytes: 0,
      failedFrees: 0,
      isModelKept: false,
      releaseStatus: '',
    });
    expect([lumas, errors]).toEqual([[], []]);
  });

  it('cleaning up gives up on a task that hangs, and keeps its slot alone', async () => {
    const session = await open(workers, 'fault: hbDNNInfer 3 hang 0');
    const { pipeline, lumas, drops, errors } = watched(session, 20);
    for (let frame = 0; frame < 3; frame++) pipeline.offer(plainFrame(frame));
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(1));
    await pipeline.close();
    const published = [...lumas];
    expect(await session.closeWithReport()).toMatchObject({ isDrained: false, quarantinedSlots: 0 });
    expect([lumas, errors]).toEqual([published, []]);
    expect(drops).toContain('bpu_timeout');
    expect(dnn.takeHeld()).toEqual({ memory: allocationsPerSlot, tasks: 1, models: 1, violations: 0 });
  });
});

it('closing with frames on the BPU waits for them and drops nothing that was asked for', async () => {
  const session = await open(1, 'core_ms: 100');
  const frames = [1, 2, 3].map((luma) => detect(session, luma));
  await vi.waitFor(() => expect(dnn.held().tasks).toBe(2), { interval: 1 });
  const closing = session.closeWithReport();
  const settled = await Promise.allSettled(frames);
  expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(2);
  for (const one of settled) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(ClosedError);
  expect(await closing).toMatchObject({ isDrained: true, quarantinedSlots: 0 });
});

describe('while a close waits for a task', () => {
  /** A session whose close has begun, a frame that is prepared, and the report to come. */
  async function closing() {
    const session = await open(0, 'fault: hbDNNInfer 2 late 700');
    const [first, second] = [plainFrame(1), plainFrame(2)];
    const running = session.run(await session.prepare(first, null), defaultOptions);
    running.catch(() => {});
    const request = {
      frame: second.native,
      geometry: solveLetterbox(128, 128, 64, 64),
      filter: 'auto',
      yuvRange: 'full',
      preview: null,
    } as const;
    const lease = await prepareSlot(session.id, request);
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(1), { interval: 1 });
    const report = closeBpu(session.id, 5000);
    await vi.waitFor(() => expect(() => bpuState(session.id)).toThrow(ClosedError), { interval: 1 });
    for (const frame of [first, second]) frame.close();
    return { id: session.id, lease, report, running };
  }

  it('a frame is refused at once, not when the task has ended', async () => {
    const { id, lease, report, running } = await closing();
    await expect(runSlot(id, lease)).rejects.toMatchObject({ code: 'session_closed' });
    // Else the thread of JS would have waited for the task.
    expect(dnn.held().tasks).toBe(1);
    expect(await report).toMatchObject({ isDrained: true });
    await running.catch(() => {});
  });

  it('another close waits too and reports the same', async () => {
    const { id, report, running } = await closing();
    const second = closeBpuNow(id, 0);
    expect(dnn.held()).toEqual(nothingHeld);
    expect(second).toMatchObject({ isDrained: true, isModelKept: false });
    expect(await report).toEqual(second);
    await running.catch(() => {});
  });
});
