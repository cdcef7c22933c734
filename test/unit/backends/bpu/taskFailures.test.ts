import { describe, expect, it } from 'vitest';
import { failuresInARow, spareSlots, TaskFailures } from '#dist/backends/bpu/taskFailures.js';
import { BackendError, FrameError, type FrameErrorCode } from '#dist/core/errors.js';

const failed = (code: FrameErrorCode, slotsOut = 0) =>
  new FrameError(code, `slot 1: hbDNNWaitTaskDone: SOMETHING (-6000012)`, {
    call: 'hbDNNWaitTaskDone',
    status: -6000012,
    slotsOut,
  });

describe('TaskFailures', () => {
  it('drops single frames for ever as long as others succeed between', () => {
    const failures = new TaskFailures();
    for (let round = 0; round < 100; round++) {
      for (let count = 1; count < failuresInARow; count++) {
        const error = failed(count % 2 === 0 ? 'bpu_busy' : 'bpu_task');
        expect(failures.judge(error)).toBe(error);
      }
      failures.noteSuccess();
    }
  });

  it('gives the BPU up after so many in a row, with the last call and status', () => {
    const failures = new TaskFailures();
    for (let count = 1; count < failuresInARow; count++) failures.judge(failed('bpu_busy'));
    const error = failures.judge(failed('bpu_task'));
    expect(error).toBeInstanceOf(BackendError);
    expect(error).toMatchObject({ code: 'bpu_dead', details: { status: -6000012 } });
    expect((error as Error).message).toContain(`${failuresInARow} tasks in a row failed`);
    expect((error as Error).message).toContain('hbDNNWaitTaskDone: SOMETHING (-6000012)');
  });

  it('survives timeouts for ever while no more slots are out at once than there are spare ones', () => {
    const failures = new TaskFailures();
    for (let count = 0; count < 100; count++) {
      const error = failed('bpu_timeout', spareSlots);
      expect(failures.judge(error)).toBe(error);
      failures.noteSuccess();
    }
    expect(failures.judge(failed('bpu_timeout', spareSlots + 1))).toMatchObject({
      name: 'BackendError',
      code: 'bpu_dead',
      message:
        'the BPU is given up: 2 tasks timed out and have not ended: it hangs, or another process holds it; ' +
        'the last: slot 1: hbDNNWaitTaskDone: SOMETHING (-6000012)',
    });
  });

  it('gives the BPU up after so many timeouts in a row, whatever became of their slots', () => {
    const failures = new TaskFailures();
    for (let count = 1; count < failuresInARow; count++) {
      expect(failures.judge(failed('bpu_timeout', 1))).toBeInstanceOf(FrameError);
    }
    expect(failures.judge(failed('bpu_timeout', 1))).toMatchObject({ code: 'bpu_dead' });
  });

  it('leaves other errors as they are and does not count them', () => {
    const failures = new TaskFailures();
    for (let count = 0; count < 2 * failuresInARow; count++) {
      for (const other of [
        new FrameError('overwritten', ''),
        new BackendError('bpu_dead', ''),
        new Error(),
      ]) {
        expect(failures.judge(other)).toBe(other);
      }
    }
  });
});
