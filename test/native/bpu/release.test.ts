import { afterAll, afterEach, expect, it } from 'vitest';
import { closeBpuNow, openBpu, type ReleaseTrial, tryRelease } from '#dist/native/bpu.js';
import { Fakednn, nothingHeld } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
// The stand-in counts what is used against its rules, and what was not given back.
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const outputs = 10;

/** Trials on a model of these settings until one is what is looked for, as a busy machine makes single ones tell nothing. */
function trialOf(settings: readonly string[], isWanted: (trial: ReleaseTrial) => boolean): ReleaseTrial {
  const model = openBpu({
    libraryPath: dnn.library,
    modelPath: dnn.model(...settings),
    modelName: '',
    slotCount: 2,
    taskCount: 1,
    taskTimeoutMs: 5000,
    priority: 0,
  });
  try {
    for (let tried = 0; tried < 50; tried++) {
      const trial = tryRelease(model.id, 5000);
      if (isWanted(trial)) return trial;
    }
    throw new Error('no trial is as it was wanted');
  } finally {
    closeBpuNow(model.id, 5000);
  }
}

it('of a task that is waited for leaves every output complete', () => {
  expect(trialOf(['core_ms: 30'], ({ wasRunning }) => wasRunning)).toMatchObject({
    isCoherent: true,
    outputs,
    whole: outputs,
    untouched: 0,
    changed: 0,
  });
});

it('of a task that goes on is seen by outputs that change later', () => {
  const trial = trialOf(
    ['core_ms: 30', 'fault: hbDNNReleaseTask 1+ 0'],
    ({ wasRunning, changed }) => wasRunning && changed === outputs,
  );
  expect(trial).toMatchObject({ outputs, whole: 0, untouched: outputs });
});

it('of a task that has ended tells so', () => {
  expect(trialOf([], ({ wasRunning }) => !wasRunning)).toMatchObject({ isCoherent: true, outputs: 0 });
});

it('tells memory that does not hold what was flushed', () => {
  const trial = trialOf(['fault: hbSysFlushMem.CLEAN 30+ 0'], ({ isCoherent }) => !isCoherent);
  expect(trial.wasRunning).toBe(false);
});

it('tells memory in which what a task has written is not seen', () => {
  const trial = trialOf(
    ['core_ms: 30', 'fault: hbSysFlushMem.INVALIDATE 11+ 0'],
    ({ wasRunning }) => wasRunning,
  );
  // As filled, which alone would say that the release ended the task.
  expect(trial).toMatchObject({ isCoherent: false, untouched: outputs, changed: 0 });
});
