import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import { ClosedError } from '#dist/core/errors.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { detect, lumaOf, plainFrame, postprocessOptions } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, StandIn } from './standIn.js';

const dnn = new StandIn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const taskTimeoutMs = 1000;

function open(workers: number, ...settings: readonly string[]): Promise<BpuSession> {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs };
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
    options: () => postprocessOptions,
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
      leakedSlots: 0,
      leakedBytes: 0,
      isModelLeaked: false,
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
    expect(await session.closeWithReport()).toMatchObject({ isDrained: true, leakedSlots: 1 });
    expect([lumas, errors]).toEqual([published, []]);
    expect(drops).toContain('bpu_timeout');
    expect(dnn.takeHeld()).toEqual({ ...nothingHeld, memory: allocationsPerSlot, models: 1 });
  });
});

it('closing with frames on the BPU waits for them and drops nothing that was asked for', async () => {
  const session = await open(1, 'core_ms: 20');
  const frames = [1, 2, 3].map((luma) => detect(session, luma));
  await sleep(10);
  const closing = session.closeWithReport();
  const settled = await Promise.allSettled(frames);
  expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(2);
  for (const one of settled) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(ClosedError);
  expect(await closing).toMatchObject({ isDrained: true, leakedSlots: 0 });
});
