import { BackendError, FrameError } from '../../core/errors.js';

/** Refused and failed tasks in a row after which the BPU is taken to be gone. */
export const failuresInARow = 5;

/** Timed out tasks in all: each costs a slot for good, and one spare slot was allocated. */
export const timeoutsSurvived = 1;

/**
 * Decides whether a failed task costs its frame only or the whole session.
 *
 * One refused, failed or timed out task is a dropped frame. `failuresInARow` of them, or one timeout more than
 * there are spare slots, end the session.
 */
export class TaskFailures {
  #inARow = 0;
  #timeouts = 0;

  succeeded(): void {
    this.#inARow = 0;
  }

  /** The error to reject with: a FrameError as it came, or the BackendError the session dies of. */
  failed(error: unknown): unknown {
    if (!(error instanceof FrameError) || !/^bpu_/.test(error.code)) return error;
    this.#inARow++;
    if (error.code === 'bpu_timeout') this.#timeouts++;
    if (this.#timeouts > timeoutsSurvived) {
      return this.#death(`${this.#timeouts} tasks timed out and hold their memory for good`, error);
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
