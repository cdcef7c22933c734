import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { bpuState } from '#dist/native/bpu.js';
import { detect } from './plainFrames.js';
import { Fakednn, nothingHeld } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

/** A session of three tasks at once, and of one at this priority. */
async function openBoth(priority: number) {
  // The first of its frames keeps the core until the other session's task waits, too.
  const model = dnn.model('core_ms: 100', 'fault: hbDNNInfer 2 jam 1000');
  const bpu = { ...dnn.options('').bpu, taskTimeoutMs: 30_000 };
  const first = await openBpuSession(dnn.options(model, { tasksInFlight: 3, bpu }));
  const other = await openBpuSession(dnn.options(dnn.model('core_ms: 100'), { bpu: { ...bpu, priority } }));
  return { first, other };
}

// fakednn takes the tasks that wait by their priority, then in the order of their coming (native/fakednn/README.md).
it.each([
  [0, ['first 1', 'first 2', 'first 3', 'other']],
  [1, ['first 1', 'other', 'first 2', 'first 3']],
])('a task at priority %i that comes last ends in this order: %j', async (priority, order) => {
  const { first, other } = await openBoth(priority);
  const ended: string[] = [];
  const submitted = (count: number, { id } = first) =>
    vi.waitFor(() => expect(bpuState(id).counters.tasksSubmitted).toBe(1 + count));
  const runs: Promise<void>[] = [];
  for (let frame = 1; frame <= 3; frame++) {
    runs.push(detect(first, frame).then(() => void ended.push(`first ${frame}`)));
    await submitted(frame);
  }
  runs.push(detect(other, 9).then(() => void ended.push('other')));
  await submitted(1, other);
  // Else the machine was too slow for the test to tell anything.
  expect(ended).toEqual([]);
  await Promise.all(runs);
  expect(ended).toEqual(order);
  await Promise.all([first.close(), other.close()]);
});

it('a priority beyond 0 to 255 is refused', async () => {
  const bpu = { ...dnn.options('').bpu, priority: 256 };
  await expect(openBpuSession(dnn.options(dnn.model(), { bpu }))).rejects.toThrow(
    'Expected an integer from 0 to 255 for priority but received 256',
  );
});
