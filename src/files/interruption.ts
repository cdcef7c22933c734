import { InterruptedError } from '../core/errors.js';

/** What people and systems end a program with. */
export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One press of Ctrl-C may come twice: npm and npx pass on what the terminal has sent to all. A hand takes longer. */
const samePressMs = 300;

/**
 * Does work that can be interrupted: a signal of the terminal aborts, and the work puts things in order before it ends. A second one
 * ends the process at once, as it would have without this.
 *
 * Throws InterruptedError after the first, else what the work throws.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let firstMs = 0;
  const stopListening = () => {
    for (const signal of endSignals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      controller.abort(new InterruptedError(signal));
    } else if (performance.now() - firstMs > samePressMs) {
      stopListening();
      // Who else waits for it removes what is half made, and then does the same.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    }
  };
  for (const signal of endSignals) process.on(signal, onSignal);
  try {
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    // What fails while things are put in order says less than the interruption.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    stopListening();
  }
}
