import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { failuresInARow } from '#dist/backends/bpu/taskFailures.js';
import { detect, failure, lumaOf } from './plainFrames.js';
import { nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
// Each test ends with the vendor's side empty, whatever went wrong in it.
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const open = (...settings: readonly string[]) => openBpuSession(dnn.options(dnn.model(...settings)));

describe('a task', () => {
  it.each([
    ['hbDNNInfer', -6000009, 'bpu_busy', 'TASK_NUM_EXCEED_LIMIT'],
    ['hbDNNInfer', -6000012, 'bpu_task', 'RUN_TASK_FAILED'],
    ['hbDNNWaitTaskDone', -6000012, 'bpu_task', 'RUN_TASK_FAILED'],
  ])('that fails in %s with %i costs its frame only', async (call, status, code, name) => {
    const session = await open(`fault: ${call} 3 ${status}`);
    expect(lumaOf(await detect(session, 10))).toBe(10);
    const error = await failure(session);
    expect(error).toMatchObject({ name: 'FrameError', code, details: { call, status } });
    expect(error!.message).toContain(`${call}: ${name} (${status})`);
    expect(session.slotsInUse).toBe(0);
    expect(lumaOf(await detect(session, 20))).toBe(20);
    await session.close();
  });

  it.each([
    ['hbDNNInfer', 2, -6000005, 'INVALID_DNN_HANDLE'],
    ['hbSysFlushMem.INVALIDATE', 11, -6000129, 'SYS_INVALID_ARGUMENT'],
  ])('that fails in %s (call %i) with %i ends the session', async (call, at, status, name) => {
    const session = await open(`fault: ${call} ${at} ${status}`);
    const death = await failure(session);
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead', details: { status } });
    expect(death!.message).toContain(`${name} (${status})`);
    expect(await failure(session)).toBe(death);
    expect(session.slotsInUse).toBe(0);
    await session.close();
  });

  it('whose input cannot be cleaned ends the session', async () => {
    // Every allocation was cleaned once, then the grey input.
    const session = await open(`fault: hbSysFlushMem.CLEAN ${5 * 11 + 2} -6000129`);
    const death = await failure(session);
    const details = { call: 'hbSysFlushMem', status: -6000129, slot: 0 };
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead', details });
    expect(death!.message).toBe('slot 0: hbSysFlushMem: SYS_INVALID_ARGUMENT (-6000129)');
    expect(session.slotsInUse).toBe(0);
    await session.close();
  });

  it(`that fails ${failuresInARow} times in a row ends the session`, async () => {
    const session = await open('fault: hbDNNInfer 2+ -6000009');
    for (let count = 1; count < failuresInARow; count++) {
      expect(await failure(session)).toMatchObject({ name: 'FrameError', code: 'bpu_busy' });
    }
    expect(await failure(session)).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
    await session.close();
  });
});

it('memory that is not taken back is reported', async () => {
  const session = await open('fault: hbSysFreeMem 3 -6000129', 'fault: hbSysFreeMem 30 -6000129');
  const warned = once(process, 'warning');
  expect(await session.closeWithReport()).toMatchObject({
    failedFrees: 2,
    quarantinedSlots: 0,
    isDrained: true,
  });
  const text = 'BPU session closed: 2 allocations were not taken back by hbSysFreeMem';
  expect(await warned).toMatchObject([{ name: 'BpuWarning', message: text }]);
  expect(dnn.takeHeld()).toEqual({ ...nothingHeld, memory: 2 });
});

it('a model that cannot be released is reported', async () => {
  const session = await open('fault: hbDNNRelease 1 -6000013');
  const report = await session.closeWithReport();
  expect(report.releaseStatus).toBe('hbDNNRelease: MODEL_IS_RUNNING (-6000013)');
  expect(dnn.takeHeld()).toEqual({ ...nothingHeld, models: 1 });
});
