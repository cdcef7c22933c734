import type { SessionOptions } from '../../core/ports.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import { defaultClassNames } from '../../model/classNames.js';
import { type BpuModel, closeBpuNow, openBpu } from '../../native/bpu.js';
import { type LoadedManifest, readManifest } from '../manifestFile.js';
import { defaultOpenTimeoutMs } from '../session/time.js';
import { type BpuConcurrency, planConcurrency } from './concurrency.js';
import { resolveBpuHeads } from './heads.js';
import { checkModelFile } from './modelFile.js';
import { PostprocessPool } from './postprocessPool.js';
import { BpuSession } from './session.js';

interface Opened {
  readonly session: BpuSession;
  readonly pool: PostprocessPool;
}

/**
 * Opens a compiled model (.bin, .hbm) on the BPU and runs it once, blocking the calling thread; with workers, waits for
 * them to be ready.
 *
 * Throws ConfigError (`model_missing`, `model_unreadable`, `dnn_library`), ModelContractError (`bpu_model`,
 * `manifest`, `model_output_type`, `heads`, `class_scores`, `too_many_cells`) or BackendError (`bpu_memory`,
 * `bpu_busy` where the BPU refused the first inference, `bpu_timeout` where it did not end it in time, `worker_dead`, `open_timeout`).
 */
export function openBpuSessionSync(options: SessionOptions, timeoutMs = defaultOpenTimeoutMs): BpuSession {
  const { session, pool } = open(options);
  try {
    pool.readySync(timeoutMs);
  } catch (error) {
    void session.close();
    throw error;
  }
  return session;
}

/** The same for callers that await; loading the model blocks all the same. */
export async function openBpuSession(
  options: SessionOptions,
  timeoutMs = defaultOpenTimeoutMs,
): Promise<BpuSession> {
  const { session, pool } = open(options);
  try {
    await pool.ready(timeoutMs);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

function open(options: SessionOptions): Opened {
  const { modelPath, bpu, postprocessWorkers } = options;
  checkModelFile(modelPath);
  const manifest = readManifest(modelPath);
  const concurrency = planConcurrency(options.tasksInFlight, postprocessWorkers);
  const native = openBpu({
    libraryPath: bpu.dnnLibrary,
    modelPath,
    modelName: bpu.modelName,
    slotCount: concurrency.slotCount,
    taskCount: concurrency.taskCount,
    taskTimeoutMs: bpu.taskTimeoutMs,
  });
  try {
    return assemble(options, native, manifest, concurrency);
  } catch (error) {
    closeBpuNow(native.id, stopLimitsMs.bpuNow);
    throw error;
  }
}

function assemble(
  { modelPath, classNames, preprocess, postprocessWorkers }: SessionOptions,
  native: BpuModel,
  manifest: LoadedManifest,
  concurrency: BpuConcurrency,
): Opened {
  const { outputs, heads, classNames: named } = resolveBpuHeads(native, manifest, classNames);
  const { widthPx, heightPx } = native.input;
  const pool = new PostprocessPool({ session: native.id, specs: outputs, heads }, postprocessWorkers);
  const session = new BpuSession({
    id: native.id,
    model: {
      path: modelPath,
      name: native.modelName,
      backend: 'bpu',
      inputWidthPx: widthPx,
      inputHeightPx: heightPx,
      classNames: named ?? defaultClassNames(heads.classCount),
      outputs,
      headForm: heads.form,
    },
    concurrency,
    preprocess,
    pool,
  });
  return { session, pool };
}
