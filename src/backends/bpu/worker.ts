import { workerData } from 'node:worker_threads';
import { toPlainError } from '../../core/plainError.js';
import { instanceBuffers } from '../../core/result.js';
import { closeViews } from '../../native/bpu.js';
import type { FromWorker, ToWorker, WorkerSetup } from './protocol.js';
import { SlotPostprocessor } from './slotPostprocessor.js';

/** Entry of a post-processing thread: opens its views, answers, then serves frames one after the other. */
const { port, answered, ...setup } = workerData as WorkerSetup;

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function serve(postprocessor: SlotPostprocessor): void {
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'close') {
      closeViews(setup.session);
      port.close();
      return;
    }
    const { id, lease, geometry, options } = message;
    try {
      const result = postprocessor.run(lease, geometry, options);
      post({ kind: 'done', id, result }, instanceBuffers(result.instances));
    } catch (error) {
      post({ kind: 'failed', id, error: toPlainError(error) });
    }
  });
}

try {
  serve(new SlotPostprocessor(setup));
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'refused', error: toPlainError(error) });
  port.close();
}
Atomics.store(answered, 0, 1);
Atomics.notify(answered, 0);
