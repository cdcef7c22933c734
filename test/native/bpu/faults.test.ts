import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openBpuSession, openBpuSessionSync } from '#dist/backends/bpu/open.js';
import { failuresInARow } from '#dist/backends/bpu/taskFailures.js';
import { BackendError, ModelContractError, SegError } from '#dist/core/errors.js';
import { detect, failure, lumaOf } from './plainFrames.js';
import { nothingHeld, StandIn } from './standIn.js';

const dnn = new StandIn();
afterAll(() => dnn.remove());
// Each test ends with the vendor's side empty, whatever went wrong in it.
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const open = (...settings: readonly string[]) => openBpuSession(dnn.options(dnn.model(...settings)));

async function refusal(path: string): Promise<SegError> {
  try {
    await (await openBpuSession(dnn.options(path))).close();
  } catch (error) {
    expect(error).toBeInstanceOf(SegError);
    return error as SegError;
  }
  throw new Error(`${path} was opened`);
}

describe('opening', () => {
  it.each<[string, () => string, string]>([
    ['a foreign file', () => dnn.file('ELF'), 'hbDNNInitializeFromFiles: INVALID_MODEL (-6000002)'],
    [
      'a model of another chip that does not load',
      () => dnn.model('march: bernoulli2'),
      'hbDNNInitializeFromFiles: INCOMPATIBLE_MODEL (-6000014)',
    ],
    [
      'a model of another chip that loads and cannot run',
      () => dnn.model('fault: hbDNNWaitTaskDone 1 -6000012'),
      'first inference of plain failed: slot 0: hbDNNWaitTaskDone: RUN_TASK_FAILED (-6000012)',
    ],
    ['an odd width', () => dnn.shapedModel({ widthPx: 65 }), 'input of 65x64 pixels; expected even sizes'],
    [
      'a pitch below the width',
      () => dnn.shapedModel({ pitchBytes: 48 }),
      'aligned shape [1, 3, 64, 48] for valid shape',
    ],
    [
      'a missing head',
      () => dnn.shapedModel({ without: 'box16' }),
      'downsample 16 has not exactly three heads',
    ],
    ['a missing prototype', () => dnn.shapedModel({ without: 'proto' }), 'no output is a mask prototype'],
  ])('refuses %s', async (_name, path, text) => {
    const error = await refusal(path());
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.message).toContain(text);
  });

  it.each([1, 2, 11, 12, 40])('gives everything back when allocation %i is refused', async (at) => {
    const error = await refusal(dnn.model(`fault: hbSysAllocCachedMem ${at} -6000130`));
    expect(error).toBeInstanceOf(BackendError);
    expect(error.code).toBe('bpu_memory');
    const slot = Math.floor((at - 1) / 11);
    expect(error.message).toMatch(new RegExp(`memory of slot ${slot} for (in|out)put \\w+, \\d+ bytes: `));
    expect(error.message).toContain('hbSysAllocCachedMem: SYS_OUT_OF_MEMORY (-6000130)');
    expect(error.details).toMatchObject({ call: 'hbSysAllocCachedMem', status: -6000130 });
  });

  it('is refused where the BPU is full', async () => {
    const error = await refusal(dnn.model('fault: hbDNNInfer 1 -6000009'));
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_busy' });
    expect(error.message).toContain('TASK_NUM_EXCEED_LIMIT');
  });

  it('works synchronously, with workers', async () => {
    const session = openBpuSessionSync(dnn.options(dnn.model(), { postprocessWorkers: 2 }));
    expect(lumaOf(await detect(session, 90))).toBe(90);
    await session.close();
  });
});

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
    ['hbDNNWaitTaskDone', 2, -6000014, 'INCOMPATIBLE_MODEL'],
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
    expect(death).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
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

it('a model that cannot be released is reported', async () => {
  const session = await open('fault: hbDNNRelease 1 -6000013');
  const report = await session.closeWithReport();
  expect(report.releaseStatus).toBe('hbDNNRelease: MODEL_IS_RUNNING (-6000013)');
  expect(dnn.takeHeld()).toEqual({ ...nothingHeld, models: 1 });
});
