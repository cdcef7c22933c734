import { workerData } from 'node:worker_threads';
import { instanceBuffers } from '../../core/result.js';
import type { LinkSetup } from '../../threads/protocol.js';
import { serve } from '../../threads/serve.js';
import { OnnxEngine } from './engine.js';
import { enterNative, leaveNative } from './nativeGate.js';
import type { InferenceRun, InferenceSetup, OpenedModel, RunOutcome } from './protocol.js';

/** The inference thread: opens the model, then serves runs, which share the output tensors. */
const { port, gate, ...request } = workerData as InferenceSetup & LinkSetup;

/** Null, and nothing done, once the worker has been stopped: it is about to be terminated. */
async function unlessStopped<Result>(step: () => Promise<Result>): Promise<Result | null> {
  if (!enterNative(gate)) return null;
  try {
    return await step();
  } finally {
    leaveNative(gate);
  }
}

const engine = await unlessStopped(() => OnnxEngine.open(request));
if (engine !== null) {
  serve<InferenceRun, OpenedModel, RunOutcome>(port, engine.model, {
    run: ({ input, geometry, options, preparedMs }) =>
      unlessStopped(() => engine.run(input, geometry, options, preparedMs)),
    returned: ({ input }) => [input],
    transferred: ({ instances }) => instanceBuffers(instances),
    close: async () => void (await unlessStopped(() => engine.close())),
  });
}
