import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import type { PreparedFrame } from '#dist/core/ports.js';
import { bpuState, closeBpu, openBpu, prepareSlot, runSlot } from '#dist/native/bpu.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { detect, failure, lumaOf, plainFrame } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const open = (workers: number, taskTimeoutMs: number, ...settings: readonly string[]) => {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs, priority: 0 };
  return openBpuSession(dnn.options(dnn.model(...settings), { postprocessWorkers: workers, bpu }));
};

/** What tasks that never end leave behind: the memory of their slots and the model. */
function expectHung(tasks: number): void {
  expect(dnn.takeHeld()).toEqual({ memory: tasks * allocationsPerSlot, tasks, models: 1, violations: 0 });
}

/** What a slot leaves behind of whose task nobody knows anything. */
function expectQuarantine(): void {
  expect(dnn.takeHeld()).toEqual({ ...nothingHeld, memory: allocationsPerSlot, models: 1 });
}

const slotBytes = 64 * 64 * 1.5 + 4 * ((64 + 16 + 4) * (5 + 64 + 32) + 256 * 32);
const nothingKept = {
  isDrained: true,
  heldBytes: 0,
  quarantinedSlots: 0,
  quarantinedBytes: 0,
  failedFrees: 0,
  isModelKept: false,
  releaseStatus: '',
};
const timeout = { call: 'hbDNNWaitTaskDone', status: -6000008 };

describe('a task that never ends', () => {
  it('is told, and keeps its slot; a spare takes its place; the second one ends the session', async () => {
    const session = await open(0, 50, 'fault: hbDNNInfer 2 hang', 'fault: hbDNNInfer 4 hang');
    expect(await failure(session)).toMatchObject({
      name: 'FrameError',
      code: 'bpu_timeout',
      message: 'slot 0: hbDNNWaitTaskDone: TIMEOUT (-6000008) after 50 ms',
      details: { ...timeout, slotsOut: 1 },
    });
    expect(bpuState(session.id)).toMatchObject({ slotsOverdue: 1, slotsQuarantined: 0, slotsInUse: 0 });
    expect(lumaOf(await detect(session, 30))).toBe(30);
    const death = await failure(session);
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead', details: timeout });
    expect(death!.message).toContain(
      'the BPU is given up: 2 tasks timed out and have not ended: it hangs, or another process holds it; ' +
        'the last: slot 1: ',
    );
    for (let index = 0; index < session.framesInFlight; index++) expect(await failure(session)).toBe(death);
    const warned = once(process, 'warning');
    const kept = { isDrained: false, heldBytes: 2 * slotBytes, isModelKept: true };
    expect(await session.closeWithReport()).toEqual({ ...nothingKept, ...kept });
    const text = 'what is still on the BPU keeps 0.1 MiB until it ends; the model stays loaded till then';
    expect(await warned).toMatchObject([{ message: `BPU session closed: ${text}` }]);
    expectHung(2);
  });

  it.each([0, 2])('leaves as many slots as frames in flight need (%i workers)', async (workers) => {
    const session = await open(workers, 50, 'fault: hbDNNInfer 2 hang');
    await failure(session);
    const frames = Array.from({ length: session.framesInFlight }, (_, index) => detect(session, index * 10));
    expect((await Promise.all(frames)).map(lumaOf)).toEqual(frames.map((_, index) => index * 10));
    await session.close();
    expectHung(1);
  });

  it.each([0, 2])(
    'and writes after it was given up writes into no other frame (%i workers)',
    async (workers) => {
      const session = await open(workers, 20, 'fault: hbDNNInfer 3 hang 0');
      expect(lumaOf(await detect(session, 10))).toBe(10);
      expect(await failure(session, 200)).toMatchObject({ code: 'bpu_timeout' });
      for (let luma = 0; luma < 30; luma += 3) {
        const results = await Promise.all([0, 1, 2].map((more) => detect(session, luma + more)));
        expect(results.map(lumaOf)).toEqual([luma, luma + 1, luma + 2]);
      }
      await session.close();
      expectHung(1);
    },
  );

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
    expectHung(1);
  });

  it('lets the session close all the same', async () => {
    const session = await open(1, 20_000, 'fault: hbDNNInfer 2 hang');
    const frame = failure(session);
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(1));
    const warned = once(process, 'warning');
    expect(await session.closeWithReport()).toMatchObject({ isDrained: false, isModelKept: true });
    const text = 'what is still on the BPU keeps 0.3 MiB until it ends; the model stays loaded till then';
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
      priority: 0,
    });
    const frame = plainFrame(10);
    const geometry = solveLetterbox(128, 128, 64, 64);
    const request = { frame: frame.native, geometry, filter: 'auto', yuvRange: 'full' } as const;
    const lease = await prepareSlot(id, { ...request, preview: null });
    frame.close();
    const ended = runSlot(id, lease).catch((error: unknown) => error);
    await vi.waitFor(() => expect(dnn.held().tasks).toBe(1));
    const kept = { heldBytes: 2 * slotBytes, quarantinedSlots: 0 };
    expect(await closeBpu(id, 20)).toMatchObject({ isDrained: false, isModelKept: true, ...kept });
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
    // The thread that waited lets go of the other slot.
    await vi.waitFor(() => expect(dnn.held().memory).toBe(allocationsPerSlot), 5000);
    expectHung(1);
  });
});

describe('a task that ends after its time limit', () => {
  it('is told before; its slot is used again, and the next such task ends nothing', async () => {
    const session = await open(0, 50, 'fault: hbDNNInfer 2 late 2000', 'fault: hbDNNInfer 4 hang');
    expect(await failure(session)).toMatchObject({ code: 'bpu_timeout', details: { slotsOut: 1 } });
    // Its release still waits.
    expect(dnn.held().tasks).toBe(1);
    expect(bpuState(session.id).slots[0]!.state).toBe('overdue');
    await vi.waitFor(() => expect(bpuState(session.id).slots[0]!.state).toBe('free'), 10_000);
    expect(dnn.held().tasks).toBe(0);
    const frame = plainFrame(60);
    const prepared = await session.prepare(frame, null);
    frame.close();
    expect(bpuState(session.id).slots[0]!.state).toBe('ready');
    expect(lumaOf(await session.run(prepared, defaultOptions))).toBe(60);
    const message = expect.stringMatching(/^slot 0: /);
    expect(await failure(session)).toMatchObject({ code: 'bpu_timeout', message, details: { slotsOut: 1 } });
    expect(lumaOf(await detect(session, 70))).toBe(70);
    expect(bpuState(session.id).counters).toMatchObject({ tasksTimedOut: 2, tasksReleased: 4 });
    await session.close();
    expectHung(1);
  });

  it('and before the close gives up leaves nothing behind', async () => {
    const session = await open(1, 50, 'fault: hbDNNInfer 2 late 500');
    expect(await failure(session)).toMatchObject({ code: 'bpu_timeout' });
    expect(await session.closeWithReport()).toEqual(nothingKept);
  });

  it('and after the close gives everything back then', async () => {
    const session = await open(1, 50, 'fault: hbDNNInfer 2 late 4000');
    expect(await failure(session)).toMatchObject({ code: 'bpu_timeout' });
    const kept = { isDrained: false, heldBytes: slotBytes, isModelKept: true };
    expect(await session.closeWithReport()).toEqual({ ...nothingKept, ...kept });
    expect(dnn.held()).toEqual({ memory: allocationsPerSlot, tasks: 1, models: 1, violations: 0 });
    await vi.waitFor(() => expect(dnn.held()).toEqual(nothingHeld), 10_000);
  });

  it('keeps its slot for good where its release fails', async () => {
    const session = await open(0, 50, 'fault: hbDNNInfer 2 hang', 'fault: hbDNNReleaseTask 2 -6000011');
    expect(await failure(session)).toMatchObject({ code: 'bpu_timeout' });
    await vi.waitFor(() => expect(bpuState(session.id).slots[0]!.state).toBe('quarantined'));
    expect(lumaOf(await detect(session, 30))).toBe(30);
    const quarantined = { quarantinedSlots: 1, quarantinedBytes: slotBytes, isModelKept: true };
    expect(await session.closeWithReport()).toEqual({ ...nothingKept, ...quarantined });
    expectQuarantine();
  });
});

it.each([0, 2])(
  'a task that is late is waited for, and every frame is answered with its own result (%i workers)',
  async (workers) => {
    const session = await open(workers, 5000, 'fault: hbDNNInfer 2 late 60');
    const prepared: PreparedFrame[] = [];
    for (const luma of [10, 20, 30]) {
      const frame = plainFrame(luma);
      prepared.push(await session.prepare(frame, null));
      frame.close();
    }
    const run = async (one: PreparedFrame) => lumaOf(await session.run(one, defaultOptions));
    expect(await Promise.all(prepared.map(run))).toEqual([10, 20, 30]);
    expect(bpuState(session.id).counters).toMatchObject({ tasksDone: 4, tasksTimedOut: 0 });
    await session.close();
  },
);

it.each([-6000007, -6000011, -6000014, -6000015, -7])(
  'a task whose wait fails with %i may still run: its memory is kept until it has ended, and the session ends',
  async (status) => {
    const session = await open(0, 200, 'core_ms: 30', `fault: hbDNNWaitTaskDone 2 ${status}`);
    const death = await failure(session);
    const details = { call: 'hbDNNWaitTaskDone', status };
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead', details });
    expect(await failure(session)).toBe(death);
    expect(session.slotsInUse).toBe(0);
    expect(await session.closeWithReport()).toEqual(nothingKept);
  },
);

it('a call that fails and makes a task keeps its memory until it has ended, and the session ends', async () => {
  const session = await open(0, 200, 'core_ms: 30', 'fault: hbDNNInfer 2 begun -6000007');
  const death = await failure(session);
  expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
  expect(death!.message).toBe('slot 0: hbDNNInfer: OUT_OF_MEMORY (-6000007), but it made a task');
  expect(await session.closeWithReport()).toEqual(nothingKept);
});

it('a call that succeeds and makes no task keeps its memory, and the session ends', async () => {
  const session = await open(0, 200, 'core_ms: 30', 'fault: hbDNNInfer 2 0');
  const death = await failure(session);
  expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
  expect(death!.message).toBe('slot 0: hbDNNInfer: SUCCESS (0), but it made no task');
  const warned = once(process, 'warning');
  expect(await session.closeWithReport()).toMatchObject({ quarantinedSlots: 1, isModelKept: true });
  const text = '1 slot (0.1 MiB) of tasks that may still run is never freed; the model stays loaded';
  expect(await warned).toMatchObject([{ message: `BPU session closed: ${text}` }]);
  expectQuarantine();
});

it('a task whose handle is not taken back keeps its memory, and the session ends', async () => {
  const session = await open(0, 200, 'fault: hbDNNReleaseTask 2 -6000011');
  const death = await failure(session);
  expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
  expect(death!.message).toBe('slot 0: hbDNNReleaseTask: INVALID_TASK_HANDLE (-6000011)');
  expect(await session.closeWithReport()).toMatchObject({ quarantinedSlots: 1, isModelKept: true });
  expectQuarantine();
});
