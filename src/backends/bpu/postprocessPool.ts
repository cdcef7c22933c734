import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PostprocessOptions } from '../../core/result.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import type { SlotLease } from '../../native/bpu.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import { WorkerLink, type WorkerLinkOptions } from '../../threads/workerLink.js';
import { SlotPostprocessor, type SlotPostprocessorSetup, type SlotRun } from './slotPostprocessor.js';

type PostprocessWorker = WorkerLink<SlotRun, number, PostprocessResult>;

/**
 * Post-processes leased slots in worker threads, one whole frame each; with no workers, in the calling thread.
 *
 * Frames may end in another order than they came.
 */
export class PostprocessPool {
  readonly #options: WorkerLinkOptions;
  readonly #workers: PostprocessWorker[] = [];
  #opening: readonly PostprocessWorker[] = [];
  readonly #here: SlotPostprocessor | null;

  /** Throws as SlotPostprocessor. Workers are not ready yet: await `ready` or call `readySync`. */
  constructor(
    setup: SlotPostprocessorSetup,
    workerCount: number,
    script = new URL('./worker.js', import.meta.url),
  ) {
    this.#options = { script, name: 'postprocess', title: 'a post-processing worker', setup };
    this.#here = workerCount === 0 ? new SlotPostprocessor(setup) : null;
    this.add(workerCount);
  }

  /** Starts more workers, which are not ready yet either. */
  add(workerCount: number): void {
    this.#opening = Array.from({ length: workerCount }, () => new WorkerLink(this.#options));
    this.#workers.push(...this.#opening);
  }

  /**
   * Waits for the workers added last. Rejects with the refusal of a worker or BackendError `worker_dead`, `open_timeout`.
   *
   * @returns Milliseconds that a made-up frame takes the fastest of them, see `warmUp`.
   */
  async ready(timeoutMs: number): Promise<number> {
    return this.#fastest(await Promise.all(this.#opening.map((worker) => worker.ready(timeoutMs))));
  }

  /** The same, blocking the calling thread at most `timeoutMs` for each worker. */
  readySync(timeoutMs: number): number {
    return this.#fastest(this.#opening.map((worker) => worker.readySync(timeoutMs)));
  }

  #fastest(framesMs: readonly number[]): number {
    return this.#here?.frameMs ?? Math.min(...framesMs);
  }

  /** Rejects with ClosedError `stale_lease`, BackendError `worker_dead` or what post-processing throws. */
  async run(
    lease: SlotLease,
    geometry: LetterboxGeometry,
    options: PostprocessOptions,
  ): Promise<PostprocessResult> {
    if (this.#here !== null) return this.#here.run(lease, geometry, options);
    const [first, ...others] = this.#workers;
    const worker = others.reduce((a, b) => (b.pendingRuns < a.pendingRuns ? b : a), first!);
    return worker.run({ lease, geometry, options });
  }

  /** Terminates workers that do not end in time. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(stopLimitsMs.bpu.workers)));
  }
}
