import type { SessionOptions } from '../../core/ports.js';
import { defaultOpenTimeoutMs } from '../session/time.js';
import { refuseWithoutOnnx } from './installed.js';
import { type InferenceWorker, startInference } from './inferenceWorker.js';
import { OnnxSession } from './session.js';

function startWorker({ modelPath, classNames, threads }: SessionOptions): InferenceWorker {
  refuseWithoutOnnx(`model ${modelPath}`);
  return startInference({ modelPath, classNames, threads });
}

/**
 * Opens an ONNX model in a worker thread of its own and runs it once.
 *
 * Rejects with ConfigError (`onnx_not_installed`, `model_missing`, `model_unreadable`), ModelContractError (`model_truncated`,
 * `model_not_onnx`, `model_not_loadable`, `wrong_task`, `model_input`, `model_input_dynamic`,
 * `model_input_range`, `model_output_type`, `class_names`, `class_scores`, `manifest`, `heads`, `onnx_run`) or BackendError (`worker_dead`, `open_timeout`).
 */
export async function openOnnxSession(
  options: SessionOptions,
  timeoutMs = defaultOpenTimeoutMs,
): Promise<OnnxSession> {
  const worker = startWorker(options);
  return new OnnxSession(options, worker, await worker.ready(timeoutMs));
}

/** The same for callers that cannot wait for a promise: blocks the calling thread until the model is loaded. */
export function openOnnxSessionSync(options: SessionOptions, timeoutMs = defaultOpenTimeoutMs): OnnxSession {
  const worker = startWorker(options);
  return new OnnxSession(options, worker, worker.readySync(timeoutMs));
}
