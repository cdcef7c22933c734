import './telemetry.js';

import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { stopLimitsMs } from '../../core/stopLimits.js';
import { WorkerLink } from '../../threads/workerLink.js';
import { blockWhileInNative, makeGate, type NativeGate, stopNative } from './nativeGate.js';
import type { InferenceRun, InferenceSetup, OpenedModel, OpenRequest, RunOutcome } from './protocol.js';

/** The thread that owns an ONNX Runtime session and post-processes what it yields. */
export type InferenceWorker = WorkerLink<InferenceRun, OpenedModel, RunOutcome>;

// A process that ends terminates its workers; if one is inside onnxruntime then, the process aborts.
const alive = new Set<NativeGate>();
process.on('exit', () => {
  for (const gate of alive) if (stopNative(gate)) blockWhileInNative(gate, stopLimitsMs.exit);
});

/**
 * Ends the worker, at once or when the inference it is in has returned.
 *
 * A worker that stays inside onnxruntime for longer than `stopLimitsMs.onnx.call` is left alone with a warning: ending
 * it would end the process.
 */
async function terminateOutsideNative(worker: Worker, gate: NativeGate): Promise<void> {
  const untilMs = performance.now() + stopLimitsMs.onnx.call;
  while (stopNative(gate) && performance.now() < untilMs) await sleep(2);
  if (stopNative(gate)) {
    process.emitWarning(
      `the inference worker is still inside onnxruntime after ${stopLimitsMs.onnx.call} ms; left running`,
    );
    worker.unref();
    return;
  }
  await worker.terminate();
}

/**
 * Starts the inference thread, which begins to load the model.
 *
 * @param script The worker's module; tests give workers that misbehave.
 */
export function startInference(
  request: OpenRequest,
  script = new URL('./worker.js', import.meta.url),
): InferenceWorker {
  const gate = makeGate();
  const setup: InferenceSetup = { ...request, gate };
  alive.add(gate);
  return new WorkerLink({
    script,
    name: 'onnx',
    title: 'the inference worker',
    setup,
    terminate: (worker) => terminateOutsideNative(worker, gate),
    onExit: () => void alive.delete(gate),
  });
}
