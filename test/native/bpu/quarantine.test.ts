import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import type { PreparedFrame } from '#dist/core/ports.js';
import { bpuState, closeBpu, openBpu, prepareSlot, runSlot } from '#dist/native/bpu.js';
import { defaultOptions } from '../../defaultOptions.js';
import { detect, failure, lumaOf, plainFrame } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, StandIn } from './standIn.js';

const dnn = new StandIn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const open = (workers: number, taskTimeoutMs: number, ...settings: readonly string[]) => {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs };
  return openBpuSession(dnn.options(dnn.model(...settings), { postprocessWorkers: workers, bpu }));
};

/** What so many slots of hung tasks leave behind: their memory and the model, but no task. */
function expectLeaked(slots: number): void {
  expect(dnn.takeHeld()).toEqual({
    ...nothingHeld,
    memory: slots * allocationsPerSlot,
    models: 1,
  });
}

const slotBytes = 64 * 64 * 1.5 + 4 * ((64 + 16 + 4) * (5 + 64 + 32) + 256 * 32);

describe('a task that hangs', () => {
  it('loses its slot; a spare takes its place; the second one ends the session', async () => {
    const session = await open(0, 50, 'fault: hbDNNInfer 2 hang', 'fault: hbDNNInfer 4 hang');
    const timeout = { call: 'hbDNNWaitTaskDone', status: -6000008 };
    expect(await failure(session)).toMatchObject({
      name: 'FrameError',
      code: 'bpu_timeout',
      message: 'slot 0: hbDNNWaitTaskDone: TIMEOUT (-6000008) after 50 ms',
      details: timeout,
    });
    expect(bpuState(session.id).slotsQuarantined).toBe(1);
    expect(lumaOf(await detect(session, 30))).toBe(30);
    const death = await failure(session);
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead', details: timeout });
    expect(death!.message).toContain('2 tasks timed out and hold their memory for good; the last: slot 1: ');
    for (let index = 0; index < session.framesInFlight; index++) expect(await failure(session)).toBe(death);
    expect(await session.closeWithReport()).toEqual({
      isDrained: true,
      heldBytes: 0,
      leakedSlots: 2,
      leakedBytes: 2 * slotBytes,
      failedFrees: 0,
      isModelLeaked: true,
      releaseStatus: '',
    });
    expectLeaked(2);
  });

  it.each([0, 2])('leaves as many slots as frames in flight need (%i workers)', async (workers) => {
    const session = await open(workers, 50, 'fault: hbDNNInfer 2 hang');
    await failure(session);
    const frames = Array.from({ length: session.framesInFlight }, (_, index) => detect(session, index * 10));
    expect((await Promise.all(frames)).map(lumaOf)).toEqual(frames.map((_, index) => index * 10));
    await session.close();
    expectLeaked(1);
  });

  it.each([0, 2])('and writes after its release writes into no other frame (%i workers)', async (workers) => {
    const session = await open(workers, 20, 'fault: hbDNNInfer 3 hang 0');
    expect(lumaOf(await detect(session, 10))).toBe(10);
    expect(await failure(session, 200)).toMatchObject({ code: 'bpu_timeout' });
    for (let luma = 0; luma < 30; luma += 3) {
      const results = await Promise.all([0, 1, 2].map((more) => detect(session, luma + more)));
      expect(results.map(lumaOf)).toEqual([luma, luma + 1, luma + 2]);
    }
    await session.close();
    expectLeaked(1);
  });

  it('beside others takes nothing from them', async () => {
    const session = await open(1, 100, 'core_ms: 5', 'fault: hbDNNInfer 3 hang');
    const outcomes = await Promise.all(
      [10, 20, 30, 40].map(async (luma) => {
        const error = await failure(session, luma);
        return error?.code ?? 'done';
      }),
    );
    expect(outcomes.sort()).toEqual(['bpu_timeout', 'done', 'done', 'done']);
    await session.close();
    expectLeaked(1);
  });

  it('lets the session close all the same', async () => {
    const session = await open(1, 20_000, 'fault: hbDNNInfer 2 hang');
    const frame = failure(session);
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(1));
    const warned = once(process, 'warning');
    expect(await session.closeWithReport()).toMatchObject({ isDrained: false, isModelLeaked: true });
    const text = 'a task is still on the BPU and keeps 0.3 MiB until it ends; the model stays loaded';
    expect(await warned).toMatchObject([{ message: `BPU session closed: ${text}` }]);
    expect(await frame).toMatchObject({ name: 'ClosedError', code: 'session_closed' });
    expect(dnn.takeHeld()).toMatchObject({ tasks: 1, models: 1, violations: 0 });
  });
});

describe('a task that outlasts the limit of the close', () => {
  /** Closes with a task under way that the close does not wait for. */
  async function closeTooEarly(fault: string) {
    const { id } = openBpu({
      libraryPath: dnn.library,
      modelPath: dnn.model(fault),
      modelName: '',
      slotCount: 2,
      taskCount: 1,
      taskTimeoutMs: 400,
    });
    const frame = plainFrame(10);
    const geometry = solveLetterbox(128, 128, 64, 64);
    const request = { frame: frame.native, geometry, filter: 'auto', yuvRange: 'full' } as const;
    const lease = await prepareSlot(id, { ...request, preview: null });
    frame.close();
    const ended = runSlot(id, lease).catch((error: unknown) => error);
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(1));
    const kept = { heldBytes: 2 * slotBytes, leakedSlots: 0 };
    expect(await closeBpu(id, 20)).toMatchObject({ isDrained: false, isModelLeaked: true, ...kept });
    expect(dnn.held()).toMatchObject({ tasks: 1, models: 1 });
    const text = 'The BPU session was closed while the task was on the BPU';
    expect(await ended).toMatchObject({ name: 'ClosedError', code: 'session_closed', message: text });
  }

  it('gives everything back once it has ended', async () => {
    await closeTooEarly('fault: hbDNNInfer 2 late 200');
    await vi.waitFor(() => expect(dnn.held()).toEqual(nothingHeld), 5000);
  });

  it('keeps its memory and the model where it never ends', async () => {
    await closeTooEarly('fault: hbDNNInfer 2 hang 0');
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(0), 5000);
    // The thread that waited has the last hold on them.
    await vi.waitFor(() => expect(dnn.held().memory).toBe(allocationsPerSlot), 5000);
    await sleep(50);
    expectLeaked(1);
  });
});

it.each([0, 2])('a task that is late is waited for, and the order kept (%i workers)', async (workers) => {
  const session = await open(workers, 5000, 'fault: hbDNNInfer 2 late 60');
  const prepared: PreparedFrame[] = [];
  for (const luma of [10, 20, 30]) {
    const frame = plainFrame(luma);
    prepared.push(await session.prepare(frame, null));
    frame.close();
  }
  const order: number[] = [];
  const run = async (one: PreparedFrame) => order.push(lumaOf(await session.run(one, defaultOptions)));
  await Promise.all(prepared.map(run));
  expect(order).toEqual([10, 20, 30]);
  expect(bpuState(session.id).counters).toMatchObject({ tasksDone: 4, tasksTimedOut: 0 });
  await session.close();
});

it.each([-6000007, -6000011, -6000014, -6000015, -7])(
  'a task whose wait fails with %i may still run: its memory is kept, and the session ends',
  async (status) => {
    const session = await open(0, 200, 'core_ms: 30', `fault: hbDNNWaitTaskDone 2 ${status}`);
    const death = await failure(session);
    const details = { call: 'hbDNNWaitTaskDone', status };
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead', details });
    expect(await failure(session)).toBe(death);
    expect(session.slotsInUse).toBe(0);
    const warned = once(process, 'warning');
    expect(await session.closeWithReport()).toMatchObject({ leakedSlots: 1, isModelLeaked: true });
    const text = '1 slot (0.1 MiB) of tasks that may still run is never freed; the model stays loaded';
    expect(await warned).toMatchObject([{ message: `BPU session closed: ${text}` }]);
    expectLeaked(1);
  },
);

it.each([
  ['fails and makes a task', 'begun -6000007', 'OUT_OF_MEMORY (-6000007), but it made a task'],
  ['succeeds and makes no task', '0', 'SUCCESS (0), but it made no task'],
])('a call that %s keeps its memory, and the session ends', async (_name, fault, text) => {
  const session = await open(0, 200, 'core_ms: 30', `fault: hbDNNInfer 2 ${fault}`);
  const death = await failure(session);
  expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
  expect(death!.message).toBe(`slot 0: hbDNNInfer: ${text}`);
  expect(dnn.held().tasks).toBe(0);
  expect(await session.closeWithReport()).toMatchObject({ leakedSlots: 1, isModelLeaked: true });
  expectLeaked(1);
});

it('a task whose handle is not taken back keeps its memory, and the session ends', async () => {
  const session = await open(0, 200, 'fault: hbDNNReleaseTask 2 -6000011');
  const death = await failure(session);
  expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
  expect(death!.message).toBe('slot 0: hbDNNReleaseTask: INVALID_TASK_HANDLE (-6000011)');
  expect(await session.closeWithReport()).toMatchObject({ leakedSlots: 1, isModelLeaked: true });
  expectLeaked(1);
});
