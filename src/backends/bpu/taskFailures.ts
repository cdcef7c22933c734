import { BackendError, FrameError, type FrameErrorCode } from '../../core/errors.js';

/**
 * Refused and failed tasks in a row after which the BPU is taken to be gone.
 *
 * @internal Exported for tests.
 */
export const failuresInARow = 5;

/** How one task can fail. */
const taskCodes: ReadonlySet<FrameErrorCode> = new Set(['bpu_busy', 'bpu_task', 'bpu_timeout']);

/** Spare slots, for tasks that timed out and have not ended yet; one more such task ends the session. */
export const spareSlots = 1;

/**
 * Decides whether a failed task costs its frame only or the whole session.
 *
 * One task that is refused, fails or times out costs its frame. `failuresInARow` such tasks end the session. A slot
 * whose task has timed out is out of use until the BPU has ended that task; once more slots are out than there are
 * spare ones, the session ends too.
 */
export class TaskFailures {
  #inARow = 0;

  noteSuccess(): void {
    this.#inARow = 0;
  }

  /** Counts a failed task; returns what to reject with: its FrameError, or the BackendError the session dies of. */
  judge(error: unknown): unknown {
    if (!(error instanceof FrameError) || !taskCodes.has(error.code)) return error;
    this.#inARow++;
    const { slotsOut } = error.details;
    if (error.code === 'bpu_timeout' && typeof slotsOut === 'number' && slotsOut > spareSlots) {
      return this.#death(
        `${slotsOut} tasks timed out and have not ended: it hangs, or another process holds it`,
        error,
      );
    }
    if (this.#inARow < failuresInARow) return error;
    return this.#death(`${this.#inARow} tasks in a row failed`, error);
  }

  #death(why: string, last: FrameError): BackendError {
    return new BackendError(
      'bpu_dead',
      `the BPU is given up: ${why}; the last: ${last.message}`,
      last.details,
      last,
    );
  }
}
