import { SegError } from '../../core/errors.js';
import { type DepthWorker, startDepthWorker } from '../../depth/depthLink.js';
import type { MeasureOutcome, MeasureRequest } from '../../depth/protocol.js';

/** Results in the worker: one is worked on, one waits, so that the worker never does. */
const mostInWork = 2;
/**
 * Results in the worker and in front of it. A picture of a slow depth camera, or a camera_info that comes late, makes all the pairs at
 * once that waited for it: those of a camera at 30 Hz within the usual `depth.max_wait_ms`, and two more.
 */
const mostPending = 8;
/** A worker that died is not started again sooner than this. */
const restartDelayMs = 1000;

interface Turn {
  readonly request: () => MeasureRequest;
  readonly resolve: (outcome: MeasureOutcome | null) => void;
  readonly reject: (error: unknown) => void;
}

/** The line in front of the depth worker, which is started again when it dies. */
export class Measuring {
  #worker: DepthWorker | null = null;
  #opening: Promise<null> | null = null;
  #mayStartMs = 0;
  #inWork = 0;
  #line: Turn[] = [];

  /** Has the worker loaded by when it is needed. */
  prepare(): void {
    this.#startWorker();
  }

  /**
   * Has instances found in a depth picture, in the order of the calls. Null where more came than can be worked on: the oldest that
   * has not begun gives its place to the newest, which is of the most use. Rejects where the worker fails.
   *
   * @param request Asked when its turn has come.
   */
  measure(request: () => MeasureRequest): Promise<MeasureOutcome | null> {
    return new Promise((resolve, reject) => {
      this.#line.push({ request, resolve, reject });
      if (this.#inWork + this.#line.length > mostPending) this.#line.shift()!.resolve(null);
      this.#begin();
    });
  }

  /** Nothing that has not begun is worked on; what has ends by itself. */
  clear(): void {
    for (const { resolve } of this.#line.splice(0)) resolve(null);
  }

  close(): void {
    this.clear();
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
  }

  #begin(): void {
    while (this.#inWork < mostInWork && this.#line.length > 0) void this.#work(this.#line.shift()!);
  }

  /** Settles the turn in any case; never rejects. */
  async #work({ request, resolve, reject }: Turn): Promise<void> {
    this.#inWork++;
    const worker = this.#worker ?? this.#startWorker();
    try {
      if (worker === null)
        throw new SegError(
          'depth_worker',
          'the depth worker died less than a second ago; it is started again',
        );
      await this.#opening;
      resolve(await worker.run(request()));
    } catch (error) {
      if (worker !== null && worker.death !== null && this.#worker === worker) {
        this.#worker = null;
        this.#mayStartMs = performance.now() + restartDelayMs;
      }
      reject(error);
    } finally {
      this.#inWork--;
      this.#begin();
    }
  }

  #startWorker(): DepthWorker | null {
    if (this.#worker !== null) return this.#worker;
    if (performance.now() < this.#mayStartMs) return null;
    const { worker, opening } = startDepthWorker();
    // Whoever waits for it is told; without a frame nobody does.
    opening.catch(() => {});
    this.#worker = worker;
    this.#opening = opening;
    return worker;
  }
}
