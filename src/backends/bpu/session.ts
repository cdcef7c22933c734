import { counted } from '../../core/words.js';
import type { FrameLease } from '../../core/frame.js';
import type {
  BackendSession,
  ModelInfo,
  PostprocessThreads,
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
import type { LetterboxRequest } from '../../native/core.js';
import { FramePreparer } from '../session/framePreparer.js';
import { frameResult } from '../session/frameResult.js';
import { SessionLife } from '../session/sessionLife.js';
import { settledWithin } from '../../core/deadline.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import type { BpuConcurrency } from './concurrency.js';
import type { PostprocessPool } from './postprocessPool.js';
import { TaskFailures } from './taskFailures.js';

/** What a BPU session is made of; all of it is the session's from then on. */
export interface BpuSessionParts {
  /** Number of the native session. */
  readonly id: number;
  readonly model: ModelInfo;
  readonly concurrency: BpuConcurrency;
  readonly preprocess: PreprocessOptions;
  readonly postprocess: PostprocessThreads;
  readonly pool: Pick<PostprocessPool, 'run' | 'close'>;
}

/**
 * A model on the BPU. A frame is letterboxed straight into memory of the BPU, run, and post-processed where the
 * BPU wrote; no pixel and no tensor is copied on the way.
 *
 * `run` rejects with FrameError `bpu_busy`, `bpu_task` or `bpu_timeout` for a task that failed alone, and with
 * BackendError once the session is dead (see TaskFailures). Frames may end in another order than they came.
 */
export class BpuSession implements BackendSession {
  readonly model: ModelInfo;
  readonly framesInFlight: number;
  readonly inputsInFlight: number;
  readonly inferencesInFlight: number;
  readonly postprocess: PostprocessThreads;
  readonly #parts: BpuSessionParts;
  readonly #preparer: FramePreparer<SlotLease>;
  readonly #life = new SessionLife<BpuCloseReport>('a BPU session');
  readonly #failures = new TaskFailures();
  readonly #running = new Set<Promise<FrameResult>>();

  constructor(parts: BpuSessionParts) {
    this.#parts = parts;
    this.model = parts.model;
    this.postprocess = parts.postprocess;
    this.framesInFlight = parts.concurrency.framesInFlight;
    this.inputsInFlight = parts.concurrency.inputsInFlight;
    this.inferencesInFlight = parts.concurrency.taskCount;
    this.#preparer = new FramePreparer({
      size: parts.model,
      preprocess: parts.preprocess,
      inputs: {
        write: (request) => this.#writeSlot(request),
        giveBack: (lease) => this.#releaseSlot(lease),
      },
      assertOpen: (call) => this.#life.assertOpen(call),
    });
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

  prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    return this.#preparer.prepare(frame, preview);
  }

  async run(
    prepared: PreparedFrame,
    options: PostprocessOptions,
    onInferred?: () => void,
  ): Promise<FrameResult> {
    const lease = this.#preparer.claim(prepared);
    const work = this.#infer(prepared, lease, options, onInferred);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  discard(prepared: PreparedFrame): void {
    this.#preparer.discard(prepared);
  }

  recyclePreview(rgba: ArrayBuffer): void {
    this.#preparer.recyclePreview(rgba);
  }

  async close(): Promise<void> {
    await this.closeWithReport();
  }

  /** As `close`; says what could not be given back, and warns of it. */
  closeWithReport(): Promise<BpuCloseReport> {
    return this.#life.close(() => this.#close());
  }

  async #close(): Promise<BpuCloseReport> {
    await settledWithin(Promise.allSettled(this.#running), stopLimitsMs.bpu.runs);
    await this.#parts.pool.close();
    const report = await closeBpu(this.#parts.id, stopLimitsMs.bpu.tasks);
    this.#isEnded = true;
    if (
      !report.isDrained ||
      report.quarantinedSlots > 0 ||
      report.failedFrees > 0 ||
      report.releaseStatus !== ''
    ) {
      process.emitWarning(describeKept(report), 'BpuWarning');
    }
    return report;
  }

  async #writeSlot(request: LetterboxRequest): Promise<SlotLease> {
    try {
      const { slot, generation } = await prepareSlot(this.#parts.id, request);
      return { slot, generation };
    } catch (error) {
      throw this.#life.noteError(error);
    }
  }

  #releaseSlot(lease: SlotLease): void {
    if (!this.#isEnded) releaseSlot(this.#parts.id, lease);
  }

  async #infer(
    prepared: PreparedFrame,
    lease: SlotLease,
    options: PostprocessOptions,
    onInferred?: () => void,
  ): Promise<FrameResult> {
    const times = await this.#runTask(lease);
    try {
      onInferred?.();
      return frameResult(prepared, times, await this.#parts.pool.run(lease, prepared.geometry, options));
    } catch (error) {
      throw this.#life.noteError(error);
    } finally {
      this.#releaseSlot(lease);
    }
  }

  async #runTask(lease: SlotLease) {
    try {
      const times = await runSlot(this.#parts.id, lease);
      this.#failures.noteSuccess();
      return times;
    } catch (error) {
      throw this.#life.noteError(this.#failures.judge(error));
    }
  }
}

function describeKept(report: BpuCloseReport): string {
  const parts: string[] = [];
  const { quarantinedSlots: slots, failedFrees: frees } = report;
  const size = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  if (slots > 0) {
    const [what, are] = slots === 1 ? ['slot', 'is'] : ['slots', 'are'];
    parts.push(
      `${slots} ${what} (${size(report.quarantinedBytes)}) of tasks that may still run ${are} never freed`,
    );
  }
  if (!report.isDrained) {
    parts.push(`what is still on the BPU keeps ${size(report.heldBytes)} until it ends`);
  }
  if (frees > 0) {
    parts.push(`${counted(frees, 'allocation was', 'allocations were')} not taken back by hbSysFreeMem`);
  }
  if (report.isModelKept) parts.push(`the model stays loaded${slots > 0 ? '' : ' till then'}`);
  if (report.releaseStatus !== '') parts.push(report.releaseStatus);
  return `BPU session closed: ${parts.join('; ')}`;
}
