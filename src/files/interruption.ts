import { InterruptedError } from '../core/errors.js';

/** What people and systems end a program with. */
export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that can be interrupted: a signal of the terminal aborts, and the work puts things in order before it ends.
 *
 * Throws InterruptedError then, else what the work throws.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const abort = (signal: NodeJS.Signals) => controller.abort(new InterruptedError(signal));
  for (const signal of endSignals) process.on(signal, abort);
  try {
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    // What fails while things are put in order says less than the interruption.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const signal of endSignals) process.off(signal, abort);
  }
}
