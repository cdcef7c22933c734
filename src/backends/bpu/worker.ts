import { workerData } from 'node:worker_threads';
import { toPlainError } from '../../core/plainError.js';
import { instanceBuffers } from '../../core/result.js';
import { closeViews } from '../../native/bpu.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import type { FromWorker, LinkSetup, ToWorker } from '../threads/protocol.js';
import type { SlotRun } from './protocol.js';
import { SlotPostprocessor, type SlotPostprocessorSetup } from './slotPostprocessor.js';

/** A post-processing thread: opens its views, answers, then serves frames one after the other. */
const { port, ...setup } = workerData as SlotPostprocessorSetup & LinkSetup;

function post(message: FromWorker<null, PostprocessResult>, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function serve(postprocessor: SlotPostprocessor): void {
  port.on('message', (message: ToWorker<SlotRun>) => {
    if (message.kind === 'close') {
      closeViews(setup.session);
      port.close();
      return;
    }
    const { id, run } = message;
    try {
      const outcome = postprocessor.run(run.lease, run.geometry, run.options);
      post({ kind: 'done', id, outcome, lent: [] }, instanceBuffers(outcome.instances));
    } catch (error) {
      post({ kind: 'failed', id, error: toPlainError(error), lent: [] });
    }
  });
}

serve(new SlotPostprocessor(setup));
post({ kind: 'ready', ready: null });
