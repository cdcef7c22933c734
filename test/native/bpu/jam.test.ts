import { afterAll, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { bpuState } from '#dist/native/bpu.js';
import { detect, failure } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, Fakednn } from '../../support/fakednn.js';

// A task that keeps the core keeps it for the whole process: these tests are one after the other, in a file of
// their own.

const dnn = new Fakednn();
afterAll(() => dnn.remove());

const open = (...settings: readonly string[]) => {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs: 100, priority: 0 };
  return openBpuSession(dnn.options(dnn.model(...settings), { bpu }));
};

it('a task that has the core longer than its time limit: frames are lost, and those after it run', async () => {
  const session = await open('fault: hbDNNInfer 2 jam 1000');
  expect(await failure(session)).toMatchObject({ code: 'bpu_timeout', details: { slotsOut: 1 } });
  await vi.waitFor(() => expect(bpuState(session.id).slotsOverdue).toBe(0), 10_000);
  await Promise.all([1, 2, 3].map((luma) => detect(session, luma)));
  await session.close();
  expect(dnn.held()).toEqual(nothingHeld);
});

it('a task that never leaves the core ends the session; the BPU drops at once what waits behind it', async () => {
  const session = await open('fault: hbDNNInfer 2 jam');
  // Alone: of tasks that wait together the one behind may time out first, and is dropped before the others count it.
  expect(await failure(session)).toMatchObject({ code: 'bpu_timeout', details: { slotsOut: 1 } });
  const behind = await Promise.all([failure(session), failure(session)]);
  for (const error of behind) {
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
    expect(error!.message).toMatch(
      /^the BPU is given up: [23] tasks timed out and have not ended: it hangs, or another process holds it; the last: /,
    );
  }
  await vi.waitFor(() => expect(bpuState(session.id).slotsOverdue).toBe(1), 10_000);
  expect(await session.closeWithReport()).toMatchObject({ isDrained: false, quarantinedSlots: 0 });
  expect(dnn.takeHeld()).toEqual({ memory: allocationsPerSlot, tasks: 1, models: 1, violations: 0 });
});

it('a model opened behind it is refused when its first inference has timed out, and gives everything back', async () => {
  await expect(open()).rejects.toMatchObject({
    name: 'BackendError',
    code: 'bpu_timeout',
    message:
      'first inference of plain failed: slot 0: hbDNNWaitTaskDone: TIMEOUT (-6000008) after 10000 ms; ' +
      'the BPU hangs, or another process holds it',
  });
  expect(dnn.held()).toEqual(nothingHeld);
});
