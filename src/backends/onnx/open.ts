import type { SessionOptions } from '../../core/ports.js';
import { OnnxSession } from './session.js';
import { WorkerLink } from './workerLink.js';

/** How long loading a model may take by default, milliseconds. */
export const defaultOpenTimeoutMs = 60_000;

function startWorker({ modelPath, classNames, threads }: SessionOptions): WorkerLink {
  return new WorkerLink({ modelPath, classNames, threads });
}

/**
 * Opens an ONNX model in a worker thread of its own and runs it once.
 *
 * Rejects with ConfigError (`model_missing`, `model_unreadable`), ModelContractError (`model_truncated`,
 * `model_not_onnx`, `model_not_loadable`, `wrong_task`, `model_input`, `model_input_dynamic`,
 * `model_output_type`, `class_names`, `heads`) or BackendError (`onnx_run`, `worker_dead`, `open_timeout`).
 */
export async function openOnnxSession(
  options: SessionOptions,
  timeoutMs = defaultOpenTimeoutMs,
): Promise<OnnxSession> {
  const link = startWorker(options);
  return new OnnxSession(options, link, await link.opened(timeoutMs));
}

/** The same for callers that cannot wait for a promise: blocks the calling thread until the model is loaded. */
export function openOnnxSessionSync(options: SessionOptions, timeoutMs = defaultOpenTimeoutMs): OnnxSession {
  const link = startWorker(options);
  return new OnnxSession(options, link, link.openedSync(timeoutMs));
}
