import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import { bpuState } from '#dist/native/bpu.js';
import { detect, failure, lumaOf } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

/** Tasks the BPU takes at once, of all who use it together. */
const mostTasks = 32;

describe('where others have filled the BPU', () => {
  async function fill(): Promise<{ readonly session: BpuSession; readonly frames: Promise<unknown> }> {
    const options = { tasksInFlight: mostTasks, bpu: { ...dnn.options('').bpu, taskTimeoutMs: 10_000 } };
    const session = await openBpuSession(dnn.options(dnn.model('fault: hbDNNInfer 2+ late 1000'), options));
    const frames = Promise.all(Array.from({ length: mostTasks }, (_, index) => detect(session, index)));
    await vi.waitFor(() => expect(bpuState(session.id).counters.tasksSubmitted).toBe(1 + mostTasks));
    return { session, frames };
  }
  const reason =
    'slot 0: hbDNNInfer: TASK_NUM_EXCEED_LIMIT (-6000009); ' +
    'the BPU holds as many tasks as it takes (32), perhaps of another process';

  it('a second session is refused, says so, and opens once there is room', async () => {
    const model = dnn.model();
    const { session, frames } = await fill();
    const error = await openBpuSession(dnn.options(model)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'BackendError',
      code: 'bpu_busy',
      message: `first inference of plain failed: ${reason}`,
    });
    await frames;
    const second = await openBpuSession(dnn.options(model));
    expect(lumaOf(await detect(second, 70))).toBe(70);
    await Promise.all([session.close(), second.close()]);
  });

  it('an open session loses frames and goes on', async () => {
    const second = await openBpuSession(dnn.options(dnn.model()));
    const { session, frames } = await fill();
    expect(await failure(second)).toMatchObject({ name: 'FrameError', code: 'bpu_busy', message: reason });
    await frames;
    expect(lumaOf(await detect(second, 80))).toBe(80);
    await Promise.all([session.close(), second.close()]);
  });
});

it('a session that dies of tasks that hang leaves another one of its process alone', async () => {
  const bpu = { ...dnn.options('').bpu, taskTimeoutMs: 50 };
  const well = await openBpuSession(dnn.options(dnn.model(), { postprocessWorkers: 1 }));
  const ill = await openBpuSession(dnn.options(dnn.model('fault: hbDNNInfer 2+ hang 0'), { bpu }));
  const frames = [10, 20, 30, 40].map((luma) => detect(well, luma));
  expect(await failure(ill)).toMatchObject({ code: 'bpu_timeout' });
  expect(await failure(ill)).toMatchObject({ code: 'bpu_dead' });
  expect((await Promise.all(frames)).map(lumaOf)).toEqual([10, 20, 30, 40]);
  await ill.close();
  expect(lumaOf(await detect(well, 50))).toBe(50);
  await well.close();
  expect(dnn.takeHeld()).toEqual({ memory: 2 * allocationsPerSlot, tasks: 2, models: 1, violations: 0 });
});
