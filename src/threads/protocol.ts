import type { MessagePort } from 'node:worker_threads';
import type { SerialisedError } from '../core/serialisedError.js';

/** What every worker of a WorkerLink finds in its workerData, beside its own setup. */
export interface LinkSetup {
  readonly port: MessagePort;
  /** See `makeAnswered`. */
  readonly answered: Int32Array;
  /** URL of the worker's own module; it answers `ready`, or throws to refuse. */
  readonly script: string;
}

/** What the thread that uses a worker sends it. */
export type ToWorker<Run> =
  | { readonly kind: 'run'; readonly id: number; readonly run: Run }
  | { readonly kind: 'close' };

/** `returned`: buffers that were transferred to the worker with the run and come back with its answer. */
export type FromWorker<Ready, Outcome> =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'refused'; readonly error: SerialisedError }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly outcome: Outcome;
      readonly returned: readonly ArrayBuffer[];
    }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly error: SerialisedError;
      readonly returned: readonly ArrayBuffer[];
    };

/**
 * A flag that two threads share: whether the worker has posted its first answer, or never will. It is for callers that
 * block their event loop while they wait.
 */
export function makeAnswered(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Worker: the first answer, `ready` or `refused`, has been posted, or none will come. */
export function markAnswered(answered: Int32Array): void {
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
}

/** Blocks the calling thread until the flag is set; false if `timeoutMs` pass before. */
export function blockUntilAnswered(answered: Int32Array, timeoutMs: number): boolean {
  return Atomics.wait(answered, 0, 0, timeoutMs) !== 'timed-out';
}
