import { describe, expect, it } from 'vitest';
import { failuresInARow, TaskFailures, timeoutsSurvived } from '#dist/backends/bpu/taskFailures.js';
import { BackendError, FrameError } from '#dist/core/errors.js';

const failed = (code: string) =>
  new FrameError(code, `slot 1: hbDNNWaitTaskDone: SOMETHING (-6000012)`, {
    call: 'hbDNNWaitTaskDone',
    status: -6000012,
  });

describe('TaskFailures', () => {
  it('drops single frames for ever as long as others succeed between', () => {
    const failures = new TaskFailures();
    for (let round = 0; round < 100; round++) {
      for (let count = 1; count < failuresInARow; count++) {
        const error = failed(count % 2 === 0 ? 'bpu_busy' : 'bpu_task');
        expect(failures.failed(error)).toBe(error);
      }
      failures.succeeded();
    }
  });

  it('gives the BPU up after so many in a row, with the last call and status', () => {
    const failures = new TaskFailures();
    for (let count = 1; count < failuresInARow; count++) failures.failed(failed('bpu_busy'));
    const error = failures.failed(failed('bpu_task'));
    expect(error).toBeInstanceOf(BackendError);
    expect(error).toMatchObject({ code: 'bpu_dead', details: { status: -6000012 } });
    expect((error as Error).message).toContain(`${failuresInARow} tasks in a row failed`);
    expect((error as Error).message).toContain('hbDNNWaitTaskDone: SOMETHING (-6000012)');
  });

  it('survives as many timeouts in all as there are spare slots', () => {
    const failures = new TaskFailures();
    for (let count = 0; count < timeoutsSurvived; count++) {
      const error = failed('bpu_timeout');
      expect(failures.failed(error)).toBe(error);
      failures.succeeded();
    }
    expect(failures.failed(failed('bpu_timeout'))).toMatchObject({ name: 'BackendError', code: 'bpu_dead' });
  });

  it('leaves other errors as they are and does not count them', () => {
    const failures = new TaskFailures();
    for (let count = 0; count < 2 * failuresInARow; count++) {
      for (const other of [
        new FrameError('overwritten', ''),
        new BackendError('bpu_dead', ''),
        new Error(),
      ]) {
        expect(failures.failed(other)).toBe(other);
      }
    }
  });
});
