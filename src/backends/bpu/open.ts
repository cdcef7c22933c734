import { availableParallelism } from 'node:os';
import type { PostprocessThreads, SessionOptions } from '../../core/ports.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import { defaultClassNames } from '../../model/classNames.js';
import { type BpuModel, closeBpuNow, openBpu } from '../../native/bpu.js';
import { type LoadedManifest, readManifest } from '../manifestFile.js';
import { defaultOpenTimeoutMs } from '../session/time.js';
import { planConcurrency } from './concurrency.js';
import { resolveBpuHeads } from './heads.js';
import { checkModelFile } from './modelFile.js';
import { PostprocessPool } from './postprocessPool.js';
import { BpuSession, type BpuSessionParts } from './session.js';
import { chooseWorkers, describeChoice, mostWorkers } from './workerChoice.js';

interface Opened {
  /** All that a session is made of but what depends on the number of workers. */
  readonly parts: Omit<BpuSessionParts, 'concurrency' | 'postprocess'>;
  readonly pool: PostprocessPool;
}

/**
 * Opens a compiled model (.bin, .hbm) on the BPU and runs it once, blocking the calling thread; with workers, waits for
 * them to be ready. Where their number is left to us, the first one times a frame before the others are started.
 *
 * Throws ConfigError (`model_missing`, `model_unreadable`, `dnn_library`), ModelContractError (`bpu_model`,
 * `manifest`, `model_output_type`, `heads`, `class_scores`, `too_many_cells`) or BackendError (`bpu_memory`,
 * `bpu_busy` where the BPU refused the first inference, `bpu_timeout` where it did not end it in time, `bpu_dead` where its
 * task was lost, `worker_dead`, `open_timeout`).
 */
export function openBpuSessionSync(options: SessionOptions, timeoutMs = defaultOpenTimeoutMs): BpuSession {
  const opened = open(options);
  try {
    const threads = planThreads(options, opened.pool.readySync(timeoutMs));
    if (addMissing(opened.pool, options, threads)) opened.pool.readySync(timeoutMs);
    return sessionOf(opened, options, threads);
  } catch (error) {
    // The fault that is thrown says more than one of closing.
    giveUp(opened).catch(() => {});
    throw error;
  }
}

/** The same for callers that await; loading the model blocks all the same. */
export async function openBpuSession(
  options: SessionOptions,
  timeoutMs = defaultOpenTimeoutMs,
): Promise<BpuSession> {
  const opened = open(options);
  try {
    const threads = planThreads(options, await opened.pool.ready(timeoutMs));
    if (addMissing(opened.pool, options, threads)) await opened.pool.ready(timeoutMs);
    return sessionOf(opened, options, threads);
  } catch (error) {
    await giveUp(opened);
    throw error;
  }
}

/** Workers that are started before any frame has been timed. */
const firstWorkers = ({ postprocessWorkers }: SessionOptions) =>
  postprocessWorkers < 0 ? 1 : postprocessWorkers;

function planThreads({ postprocessWorkers }: SessionOptions, frameMs: number): PostprocessThreads {
  if (postprocessWorkers >= 0) return { workers: postprocessWorkers, choice: null };
  const figures = { frameMs, cores: availableParallelism() };
  return { workers: chooseWorkers(figures), choice: describeChoice(figures) };
}

/** True if there were workers to add, which are to be waited for. */
function addMissing(
  pool: PostprocessPool,
  options: SessionOptions,
  { workers }: PostprocessThreads,
): boolean {
  const missing = workers - firstWorkers(options);
  if (missing > 0) pool.add(missing);
  return missing > 0;
}

/** Workers let go of their views before the memory is freed. */
async function giveUp({ parts, pool }: Opened): Promise<void> {
  await pool.close().finally(() => closeBpuNow(parts.id, stopLimitsMs.bpuNow));
}

function open(options: SessionOptions): Opened {
  const { modelPath, bpu, aim, tasksInFlight, postprocessWorkers } = options;
  checkModelFile(modelPath);
  const manifest = readManifest(modelPath);
  const slotWorkers = postprocessWorkers < 0 ? mostWorkers(availableParallelism()) : postprocessWorkers;
  const { slotCount, taskCount } = planConcurrency({
    aim,
    tasksInFlight,
    postprocessWorkers: firstWorkers(options),
    slotWorkers,
  });
  const native = openBpu({
    libraryPath: bpu.dnnLibrary,
    modelPath,
    modelName: bpu.modelName,
    slotCount,
    taskCount,
    taskTimeoutMs: bpu.taskTimeoutMs,
    priority: bpu.priority,
  });
  try {
    return assemble(options, native, manifest);
  } catch (error) {
    closeBpuNow(native.id, stopLimitsMs.bpuNow);
    throw error;
  }
}

function assemble(options: SessionOptions, native: BpuModel, manifest: LoadedManifest): Opened {
  const { modelPath, classNames, preprocess } = options;
  const { outputs, heads, classNames: named } = resolveBpuHeads(native, manifest, classNames);
  const { widthPx, heightPx } = native.input;
  const pool = new PostprocessPool({ session: native.id, specs: outputs, heads }, firstWorkers(options));
  const model = {
    path: modelPath,
    name: native.modelName,
    backend: 'bpu',
    inputWidthPx: widthPx,
    inputHeightPx: heightPx,
    classNames: named ?? defaultClassNames(heads.classCount),
    outputs,
    headForm: heads.form,
  };
  return { parts: { id: native.id, model, preprocess, pool }, pool };
}

function sessionOf(
  { parts }: Opened,
  { aim, tasksInFlight }: SessionOptions,
  postprocess: PostprocessThreads,
): BpuSession {
  return new BpuSession({
    ...parts,
    concurrency: planConcurrency({ aim, tasksInFlight, postprocessWorkers: postprocess.workers }),
    postprocess,
  });
}
