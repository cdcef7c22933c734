import { workerData } from 'node:worker_threads';
import { serialiseError } from '../core/serialisedError.js';
import { type FromWorker, type LinkSetup, markAnswered } from './protocol.js';

/**
 * Entry of every worker of a WorkerLink: loads the worker's own module, so that whoever opens it is answered
 * whatever goes wrong in there, also one that blocks and sees no events.
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
