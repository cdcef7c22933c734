import { BackendError, ClosedError } from '../../core/errors.js';

/** Whether a session takes work. It does until it is closed, or until its first BackendError, of which it dies. */
export class SessionLife<CloseReport = void> {
  readonly #title: string;
  #death: BackendError | null = null;
  #closing: Promise<CloseReport> | null = null;

  /** @param title what the session is called in errors: `a BPU session` */
  constructor(title: string) {
    this.#title = title;
  }

  /** Throws ClosedError `session_closed` after the close, else the BackendError that the session died of. */
  assertOpen(call: string): void {
    if (this.#closing !== null)
      throw new ClosedError('session_closed', `${call}() on ${this.#title} that is closed`);
    if (this.#death !== null) throw this.#death;
  }

  /** Dies of the first BackendError; returns every error as it came. */
  noteError(error: unknown): unknown {
    if (error instanceof BackendError) this.#death ??= error;
    return error;
  }

  /** Closes once; later calls get the promise of the first. */
  close(end: () => Promise<CloseReport>): Promise<CloseReport> {
    this.#closing ??= end();
    return this.#closing;
  }
}
