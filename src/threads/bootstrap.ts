import { workerData } from 'node:worker_threads';
import { serialiseError } from '../core/serialisedError.js';
import { type FromWorker, type LinkSetup, markAnswered } from './protocol.js';

/**
 * Entry of every worker of a WorkerLink. It loads the worker's own module, so that the thread that opens the worker
 * gets an answer whatever goes wrong in that module, even while it blocks and sees no events.
 */
const { port, answered, script } = workerData as LinkSetup;

process.once('exit', () => markAnswered(answered));
try {
  await import(script);
} catch (error) {
  const refusal: FromWorker<never, never> = { kind: 'refused', error: serialiseError(error) };
  port.postMessage(refusal);
  port.close();
}
markAnswered(answered);
