import { workerData } from 'node:worker_threads';
import { toPlainError } from '../../core/plainError.js';
import { instanceBuffers } from '../../core/result.js';
import type { FromWorker, LinkSetup, ToWorker } from '../threads/protocol.js';
import { OnnxEngine } from './engine.js';
import { enterNative, leaveNative } from './nativeGate.js';
import type { InferenceRun, InferenceSetup, OpenedModel, RunOutcome } from './protocol.js';

/** The inference thread: opens the model, answers, then serves runs one after the other. */
const { port, gate, ...request } = workerData as InferenceSetup & LinkSetup;

function post(message: FromWorker<OpenedModel, RunOutcome>, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** Nothing is answered once the worker has been stopped: it is about to be terminated. */
async function unlessStopped(step: () => Promise<void>): Promise<void> {
  if (!enterNative(gate)) return;
  try {
    await step();
  } finally {
    leaveNative(gate);
  }
}

async function serveRun(engine: OnnxEngine, id: number, run: InferenceRun): Promise<void> {
  const { input, geometry, options, preparedMs } = run;
  const lent = [input];
  try {
    const outcome = await engine.run(input, geometry, options, preparedMs);
    post({ kind: 'done', id, outcome, lent }, [...lent, ...instanceBuffers(outcome.instances)]);
  } catch (error) {
    post({ kind: 'failed', id, error: toPlainError(error), lent }, lent);
  }
}

async function end(engine: OnnxEngine): Promise<void> {
  await engine.close();
  port.close();
}

function serve(engine: OnnxEngine): void {
  // One run at a time: they share the output tensors.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToWorker<InferenceRun>) => {
    last = last.then(() =>
      unlessStopped(() => (message.kind === 'run' ? serveRun(engine, message.id, message.run) : end(engine))),
    );
  });
}

await unlessStopped(async () => {
  const engine = await OnnxEngine.open(request);
  serve(engine);
  post({ kind: 'ready', ready: engine.model });
});
