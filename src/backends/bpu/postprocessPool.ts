import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PostprocessOptions } from '../../core/result.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import type { SlotLease } from '../../native/bpu.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import { WorkerLink } from '../../threads/workerLink.js';
import { SlotPostprocessor, type SlotPostprocessorSetup, type SlotRun } from './slotPostprocessor.js';

type PostprocessWorker = WorkerLink<SlotRun, null, PostprocessResult>;

/**
 * Post-processes leased slots in worker threads, one whole frame each; with no workers, in the calling thread.
 *
 * Frames may end in another order than they came.
 */
export class PostprocessPool {
  readonly #workers: readonly PostprocessWorker[];
  readonly #here: SlotPostprocessor | null;

  /** Throws as SlotPostprocessor. Workers are not ready yet: await `ready` or call `readySync`. */
  constructor(
    setup: SlotPostprocessorSetup,
    workerCount: number,
    script = new URL('./worker.js', import.meta.url),
  ) {
    const options = { script, name: 'postprocess', title: 'a post-processing worker', setup };
    this.#workers = Array.from({ length: workerCount }, () => new WorkerLink(options));
    this.#here = workerCount === 0 ? new SlotPostprocessor(setup) : null;
  }

  /** Rejects with the refusal of a worker or BackendError `worker_dead`, `open_timeout`. */
  async ready(timeoutMs: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ready(timeoutMs)));
  }

  /** The same, blocking the calling thread at most `timeoutMs` for each worker. */
  readySync(timeoutMs: number): void {
    for (const worker of this.#workers) worker.readySync(timeoutMs);
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
