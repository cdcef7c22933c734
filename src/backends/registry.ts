import { extname } from 'node:path';
import { ConfigError } from '../core/errors.js';
import type { BackendSession, SessionOptions } from '../core/ports.js';
import { openBpuSession, openBpuSessionSync } from './bpu/open.js';
import { backendOfFile, isTorchFile, modelSuffixes, torchExportCommand } from './modelSuffix.js';
import { openOnnxSession, openOnnxSessionSync } from './onnx/open.js';
import { openReplaySession, openReplaySessionSync } from './replay/open.js';

/**
 * How a backend opens a model. Importing one must be cheap: what is heavy (runtime, driver) is loaded when a
 * model is opened.
 */
interface Backend {
  open(options: SessionOptions, timeoutMs?: number): Promise<BackendSession>;
  openSync(options: SessionOptions, timeoutMs?: number): BackendSession;
}

const backends = {
  bpu: { open: openBpuSession, openSync: openBpuSessionSync },
  onnx: { open: openOnnxSession, openSync: openOnnxSessionSync },
  replay: { open: openReplaySession, openSync: openReplaySessionSync },
} satisfies Record<string, Backend>;

/** A backend that can be asked for by name. */
export type BackendName = keyof typeof backends;

/** Every backend, as commands and parameters name them. */
export const backendNames = Object.keys(backends) as readonly BackendName[];

/**
 * The backend that runs a model: the one named, or with `auto` the one for the file's suffix.
 *
 * Throws ConfigError `backend_unknown` for anything else.
 */
export function selectBackend(name: string, modelPath: string): BackendName {
  const suffix = extname(modelPath).toLowerCase();
  const chosen =
    name === 'auto' ? backendOfFile(modelPath) : (backendNames.find((known) => known === name) ?? null);
  if (chosen !== null) return chosen;
  if (name === 'auto' && isTorchFile(modelPath)) {
    const remedy = `export them: ${torchExportCommand(modelPath)}`;
    throw new ConfigError(
      'backend_unknown',
      `${modelPath} are weights of PyTorch (${suffix}), which no backend runs; ${remedy}`,
      {
        modelPath,
        available: backendNames,
      },
    );
  }
  const why =
    name === 'auto'
      ? `no backend for model ${modelPath}: found suffix "${suffix}", expected ${modelSuffixes.join(', ')}`
      : `no backend "${name}"; expected auto, ${backendNames.join(', ')}`;
  throw new ConfigError('backend_unknown', why, { backend: name, modelPath, available: backendNames });
}

/** Opens a model with the backend named, or `auto`. Rejects as `selectBackend` and the backend do. */
export async function openSession(
  backend: string,
  options: SessionOptions,
  timeoutMs?: number,
): Promise<BackendSession> {
  return backends[selectBackend(backend, options.modelPath)].open(options, timeoutMs);
}

/** The same, blocking the calling thread at most `timeoutMs`; for lifecycle callbacks, which cannot wait. */
export function openSessionSync(
  backend: string,
  options: SessionOptions,
  timeoutMs?: number,
): BackendSession {
  return backends[selectBackend(backend, options.modelPath)].openSync(options, timeoutMs);
}
