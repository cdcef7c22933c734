import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { BackendError } from '../../core/errors.js';
import type { LetterboxGeometry } from '../../core/geometry.js';
import { fromPlainError } from '../../core/plainError.js';
import type { PostprocessOptions } from '../../core/result.js';
import type { SlotLease } from '../../native/bpu.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import type { FromWorker, ToWorker, WorkerSetup } from './protocol.js';
import type { SlotPostprocessorSetup } from './slotPostprocessor.js';

interface PendingFrame {
  readonly resolve: (result: PostprocessResult) => void;
  readonly reject: (error: Error) => void;
}

/** How long a worker may take to close its views, milliseconds; it is terminated then. */
const closeTimeoutMs = 2000;

/** One post-processing thread; it keeps the process alive only while frames are in it. */
export class PostprocessWorker {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #answered = new Int32Array(new SharedArrayBuffer(4));
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, PendingFrame>();
  #nextId = 0;
  #death: BackendError | null = null;

  /** @param script The worker's module; tests give workers that misbehave. */
  constructor(setup: SlotPostprocessorSetup, script: URL) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: WorkerSetup = { ...setup, port: port2, answered: this.#answered };
    this.#worker = new Worker(script, {
      workerData,
      transferList: [port2],
      name: 'postprocess',
      execArgv: [],
    });
    this.#worker.on('error', (error) => this.#die(`ended by ${error.message}`, error));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (exitCode) => {
        this.#die(`exited with code ${exitCode}`);
        resolve();
      });
    });
  }

  get pendingFrames(): number {
    return this.#pending.size;
  }

  /** Waits until it can work; rejects with its refusal or BackendError `worker_dead`, `open_timeout`. */
  async ready(timeoutMs: number): Promise<void> {
    const answer = await new Promise<FromWorker | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      this.#port.once('message', (message: FromWorker) => {
        clearTimeout(timer);
        resolve(message);
      });
      void this.#exited.then(() => {
        clearTimeout(timer);
        resolve(this.#receiveNow());
      });
    });
    this.#accept(answer, timeoutMs);
  }

  /** The same, blocking the calling thread. */
  readySync(timeoutMs: number): void {
    Atomics.wait(this.#answered, 0, 0, timeoutMs);
    this.#accept(this.#receiveNow(), timeoutMs);
  }

  /** Rejects with the error of the post-processing, or BackendError `worker_dead`. */
  run(
    lease: SlotLease,
    geometry: LetterboxGeometry,
    options: PostprocessOptions,
  ): Promise<PostprocessResult> {
    if (this.#death !== null) return Promise.reject(this.#death);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#post({ kind: 'run', id, lease, geometry, options });
      this.#pending.set(id, { resolve, reject });
      this.#hold();
    });
  }

  /** Lets it close its views and end; terminates it if it does not. */
  async close(): Promise<void> {
    if (this.#death !== null) return;
    this.#worker.ref();
    this.#post({ kind: 'close' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), closeTimeoutMs);
    });
    const outcome = await Promise.race([this.#exited, late]);
    clearTimeout(timer);
    if (outcome === 'late') await this.#worker.terminate();
  }

  #receiveNow(): FromWorker | null {
    return (receiveMessageOnPort(this.#port)?.message as FromWorker | undefined) ?? null;
  }

  #accept(answer: FromWorker | null, timeoutMs: number): void {
    if (answer?.kind === 'ready') {
      this.#port.on('message', (message: FromWorker) => this.#onMessage(message));
      this.#hold();
      return;
    }
    void this.#worker.terminate();
    if (answer?.kind === 'refused') throw fromPlainError(answer.error);
    if (this.#death !== null) throw this.#death;
    throw new BackendError('open_timeout', `a post-processing worker was not ready within ${timeoutMs} ms`, {
      timeoutMs,
    });
  }

  #post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  #onMessage(message: FromWorker): void {
    if (message.kind !== 'done' && message.kind !== 'failed') return;
    const frame = this.#pending.get(message.id);
    if (frame === undefined) return;
    this.#pending.delete(message.id);
    this.#hold();
    if (message.kind === 'done') frame.resolve(message.result);
    else frame.reject(fromPlainError(message.error));
  }

  #die(how: string, cause?: unknown): void {
    if (this.#death !== null) return;
    this.#death = new BackendError('worker_dead', `a post-processing worker ${how}`, {}, cause);
    for (const frame of this.#pending.values()) frame.reject(this.#death);
    this.#pending.clear();
    this.#hold();
  }

  #hold(): void {
    if (this.#pending.size > 0) {
      this.#worker.ref();
      this.#port.ref();
    } else {
      this.#worker.unref();
      this.#port.unref();
    }
  }
}
