import { workerData } from 'node:worker_threads';
import { toPlainError } from '../../core/plainError.js';
import { instanceBuffers } from '../../core/result.js';
import type { OnnxEngine } from './engine.js';
import type { FromWorker, ToWorker, WorkerSetup } from './protocol.js';
import { enterNative, leaveNative, markAnswered } from './workerControl.js';

/**
 * Entry of the inference thread: opens the model, answers, then serves runs one after the other.
 *
 * Everything that can fail to load is imported inside the try, so that the opener always gets an answer.
 */
const { port, control, ...request } = workerData as WorkerSetup;

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** Nothing is answered once the worker has been stopped: it is about to be terminated. */
async function unlessStopped(step: () => Promise<void>): Promise<void> {
  if (!enterNative(control)) return;
  try {
    await step();
  } finally {
    leaveNative(control);
  }
}

async function serveRun(engine: OnnxEngine, message: ToWorker & { kind: 'run' }): Promise<void> {
  const { id, input } = message;
  try {
    const outcome = await engine.run(input, message.geometry, message.options, message.preparedMs);
    post({ kind: 'done', id, input, outcome }, [input, ...instanceBuffers(outcome.instances)]);
  } catch (error) {
    post({ kind: 'failed', id, input, error: toPlainError(error) }, [input]);
  }
}

async function end(engine: OnnxEngine): Promise<void> {
  await engine.close();
  port.close();
}

function serve(engine: OnnxEngine): void {
  // One run at a time: they share the output tensors.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    last = last.then(() =>
      unlessStopped(() => (message.kind === 'run' ? serveRun(engine, message) : end(engine))),
    );
  });
}

await unlessStopped(async () => {
  try {
    const { OnnxEngine } = await import('./engine.js');
    const engine = await OnnxEngine.open(request);
    serve(engine);
    post({ kind: 'ready', model: engine.model });
  } catch (error) {
    post({ kind: 'refused', error: toPlainError(error) });
    port.close();
  }
});
markAnswered(control);
