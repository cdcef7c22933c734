import { counted } from '../../core/counted.js';
import { BackendError, ClosedError } from '../../core/errors.js';
import type { FrameLease } from '../../core/frame.js';
import type {
  BackendSession,
  ModelInfo,
  PreparedFrame,
  PreprocessOptions,
  PreviewRequest,
} from '../../core/ports.js';
import type { FrameResult, PostprocessOptions } from '../../core/result.js';
import {
  type BpuCloseReport,
  bpuState,
  closeBpu,
  prepareSlot,
  releaseSlot,
  runSlot,
  type SlotLease,
} from '../../native/bpu.js';
import { GeometrySolver } from '../prepare/geometrySolver.js';
import { PreparedFrames } from '../prepare/preparedFrames.js';
import { PreviewPool, previewTarget } from '../prepare/previewPool.js';
import { settledWithin } from '../prepare/settledWithin.js';
import type { BpuConcurrency } from './concurrency.js';
import type { PostprocessPool } from './postprocessPool.js';
import { TaskFailures } from './taskFailures.js';

/**
 * How long `close` waits for frames in work and then for tasks on the BPU. With the pipeline's wait before and the
 * workers' between them all is over before the node gives its end up after 8 s.
 */
const framesTimeoutMs = 1000;
const tasksTimeoutMs = 2000;

export interface BpuSessionParts {
  /** Number of the native session. */
  readonly id: number;
  readonly model: ModelInfo;
  readonly concurrency: BpuConcurrency;
  readonly preprocess: PreprocessOptions;
  readonly pool: PostprocessPool;
}

/**
 * A model on the BPU. A frame is letterboxed straight into memory of the BPU, run, and post-processed where the
 * BPU wrote; no pixel and no tensor is copied on the way.
 *
 * `run` answers in the order of its calls. It rejects with FrameError `bpu_busy`, `bpu_task` or `bpu_timeout` for
 * a task that failed alone, and with BackendError once the session is dead (see TaskFailures).
 */
export class BpuSession implements BackendSession {
  readonly model: ModelInfo;
  readonly framesInFlight: number;
  readonly inputsInFlight: number;
  readonly #parts: BpuSessionParts;
  readonly #geometry: GeometrySolver;
  readonly #previews = new PreviewPool();
  readonly #prepared = new PreparedFrames<SlotLease>((lease) => {
    if (!this.#isEnded) releaseSlot(this.#parts.id, lease);
  });
  readonly #failures = new TaskFailures();
  #lastRun: Promise<unknown> = Promise.resolve();
  #death: BackendError | null = null;
  #closing: Promise<BpuCloseReport> | null = null;

  constructor(parts: BpuSessionParts) {
    this.#parts = parts;
    this.model = parts.model;
    this.#geometry = new GeometrySolver(parts.model, parts.preprocess.resizeMode);
    this.framesInFlight = parts.concurrency.framesInFlight;
    this.inputsInFlight = parts.concurrency.inputsInFlight;
  }

  /** Number of the native session, for counters and views. */
  get id(): number {
    return this.#parts.id;
  }

  /** Slots that are written, prepared, on the BPU or read; 0 when nothing is in flight or the session is closed. */
  get slotsInUse(): number {
    return this.#isEnded ? 0 : bpuState(this.#parts.id).slotsInUse;
  }
  #isEnded = false;

  async prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    this.#assertOpen('prepare');
    const startMs = performance.now();
    const geometry = this.#geometry.solve(frame.header);
    const image = preview === null ? null : this.#previews.takeImage(preview);
    let lease: SlotLease;
    try {
      const { preprocess } = this.#parts;
      lease = await prepareSlot(this.#parts.id, {
        frame: frame.native,
        geometry,
        filter: preprocess.scaleFilter,
        yuvRange: preprocess.yuvRange,
        preview: image === null ? null : previewTarget(image),
      });
    } catch (error) {
      if (image !== null) this.#previews.give(image.rgba);
      throw this.#fatal(error);
    }
    if (this.#closing !== null || this.#death !== null) {
      releaseSlot(this.#parts.id, lease);
      if (image !== null) this.#previews.give(image.rgba);
      this.#assertOpen('prepare');
    }
    const prepared: PreparedFrame = {
      header: frame.header,
      geometry,
      preview: image,
      waitMs: startMs - frame.takenMs,
      prepareMs: performance.now() - startMs,
    };
    this.#prepared.add(prepared, { slot: lease.slot, generation: lease.generation });
    return prepared;
  }

  async run(
    prepared: PreparedFrame,
    options: PostprocessOptions,
    onInferred?: () => void,
  ): Promise<FrameResult> {
    const lease = this.#prepared.claim(prepared, 'run');
    if (this.#closing !== null || this.#death !== null) {
      releaseSlot(this.#parts.id, lease);
      this.#assertOpen('run');
    }
    const work = this.#infer(prepared, lease, options, onInferred);
    // It may fail before its turn comes; unhandled till then, that would end the process.
    work.catch(() => {});
    const inOrder = this.#lastRun.then(() => work);
    this.#lastRun = inOrder.catch(() => {});
    return inOrder;
  }

  discard(prepared: PreparedFrame): void {
    releaseSlot(this.#parts.id, this.#prepared.claim(prepared, 'discard'));
    if (prepared.preview !== null) this.recyclePreview(prepared.preview.rgba);
  }

  recyclePreview(rgba: ArrayBuffer): void {
    this.#previews.give(rgba);
  }

  async close(): Promise<void> {
    await this.closeWithReport();
  }

  /** As `close`; says what could not be given back, and warns of it. */
  closeWithReport(): Promise<BpuCloseReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<BpuCloseReport> {
    await settledWithin(this.#lastRun, framesTimeoutMs);
    await this.#parts.pool.close();
    const report = await closeBpu(this.#parts.id, tasksTimeoutMs);
    this.#isEnded = true;
    if (
      !report.isDrained ||
      report.leakedSlots > 0 ||
      report.failedFrees > 0 ||
      report.releaseStatus !== ''
    ) {
      process.emitWarning(describeLeak(report), 'BpuWarning');
    }
    return report;
  }

  async #infer(
    prepared: PreparedFrame,
    lease: SlotLease,
    options: PostprocessOptions,
    onInferred?: () => void,
  ): Promise<FrameResult> {
    const { header, geometry, waitMs, prepareMs } = prepared;
    const { id, pool } = this.#parts;
    const { queueMs, inferMs } = await this.#runTask(lease);
    try {
      onInferred?.();
      const result = await pool.run(lease, geometry, options);
      return {
        header,
        instances: result.instances,
        stageTimesMs: {
          wait: waitMs,
          prepare: prepareMs,
          queue: queueMs,
          infer: inferMs,
          decode: result.decodeMs,
          masks: result.masksMs,
        },
        candidateCount: result.candidateCount,
        candidatesCut: result.candidatesCut,
      };
    } catch (error) {
      throw this.#fatal(error);
    } finally {
      releaseSlot(id, lease);
    }
  }

  async #runTask(lease: SlotLease) {
    try {
      const times = await runSlot(this.#parts.id, lease);
      this.#failures.succeeded();
      return times;
    } catch (error) {
      throw this.#fatal(this.#failures.failed(error));
    }
  }

  /** Remembers the first error that ends the session; returns the error. */
  #fatal(error: unknown): unknown {
    if (error instanceof BackendError && error.code !== 'too_many_in_flight') this.#death ??= error;
    return error;
  }

  #assertOpen(call: string): void {
    if (this.#closing !== null) throw new ClosedError('session_closed', `${call}() on a closed BPU session`);
    if (this.#death !== null) throw this.#death;
  }
}

function describeLeak(report: BpuCloseReport): string {
  const parts: string[] = [];
  const { leakedSlots: slots, failedFrees: frees } = report;
  const size = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  if (slots > 0) {
    const [what, are] = slots === 1 ? ['slot', 'is'] : ['slots', 'are'];
    parts.push(
      `${slots} ${what} (${size(report.leakedBytes)}) of tasks that may still run ${are} never freed`,
    );
  }
  if (!report.isDrained) {
    parts.push(`what is still on the BPU keeps ${size(report.heldBytes)} until it ends`);
  }
  if (frees > 0) {
    parts.push(`${counted(frees, 'allocation was', 'allocations were')} not taken back by hbSysFreeMem`);
  }
  if (report.isModelLeaked) parts.push(`the model stays loaded${slots > 0 ? '' : ' till then'}`);
  if (report.releaseStatus !== '') parts.push(report.releaseStatus);
  return `BPU session closed: ${parts.join('; ')}`;
}
