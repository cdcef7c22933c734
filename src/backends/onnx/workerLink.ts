import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { BackendError } from '../../core/errors.js';
import { fromPlainError } from '../../core/plainError.js';
import type { FromWorker, OpenedModel, OpenRequest, RunOutcome, ToWorker, WorkerSetup } from './protocol.js';
import { blockUntilAnswered, blockWhileInNative, makeControl, stopNative } from './workerControl.js';

type RunMessage = Extract<ToWorker, { kind: 'run' }>;

interface PendingRun {
  readonly resolve: (outcome: RunOutcome) => void;
  readonly reject: (error: Error) => void;
  readonly returnInput: (input: ArrayBuffer) => void;
}

/** Longest wait for one call into onnxruntime to return before its thread is given up, milliseconds. */
const nativeTimeoutMs = 5000;

// The end of the process terminates its workers; one inside onnxruntime would turn it into an abort.
const alive = new Set<WorkerLink>();
process.on('exit', () => {
  for (const link of alive) link.stopBlocking();
});

/**
 * The inference thread as seen from the thread that uses it.
 *
 * The worker keeps the process alive only while a run or the closing is waited for.
 */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #control = makeControl();
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, PendingRun>();
  #settled: (() => void) | null = null;
  #nextId = 0;
  #death: BackendError | null = null;

  /** @param script The worker's module; tests give workers that misbehave. */
  constructor(request: OpenRequest, script = new URL('./worker.js', import.meta.url)) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const setup: WorkerSetup = { ...request, port: port2, control: this.#control };
    this.#worker = new Worker(script, {
      workerData: setup,
      transferList: [port2],
      name: 'onnx',
      execArgv: [],
    });
    this.#worker.on('error', (error) => this.#die(`ended by ${error.message}`, error));
    alive.add(this);
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (exitCode) => {
        alive.delete(this);
        this.#die(`exited with code ${exitCode}`);
        resolve();
      });
    });
  }

  /** Why no run is possible any more; null while the worker lives. */
  get death(): BackendError | null {
    return this.#death;
  }

  get pendingRuns(): number {
    return this.#pending.size;
  }

  /** Waits for the model to be loaded; rejects with the worker's refusal or BackendError `open_timeout`. */
  async opened(timeoutMs: number): Promise<OpenedModel> {
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
    return this.#accept(answer, timeoutMs);
  }

  /** The same, blocking the calling thread. */
  openedSync(timeoutMs: number): OpenedModel {
    blockUntilAnswered(this.#control, timeoutMs);
    return this.#accept(this.#receiveNow(), timeoutMs);
  }

  #receiveNow(): FromWorker | null {
    return (receiveMessageOnPort(this.#port)?.message as FromWorker | undefined) ?? null;
  }

  #accept(answer: FromWorker | null, timeoutMs: number): OpenedModel {
    if (answer?.kind === 'ready') {
      this.#port.on('message', (message: FromWorker) => this.#onMessage(message));
      this.#hold();
      return answer.model;
    }
    const death = this.#death;
    void this.terminate();
    if (answer?.kind === 'refused') throw fromPlainError(answer.error);
    if (death !== null) throw death;
    throw new BackendError(
      'open_timeout',
      `the inference worker did not load the model within ${timeoutMs} ms`,
      { timeoutMs },
    );
  }

  /**
   * Sends one input to the worker; `returnInput` gets the buffer back when the worker answers, before the
   * promise settles. Rejects with the worker's error, or BackendError once the worker is dead.
   */
  run(
    message: Omit<RunMessage, 'kind' | 'id'>,
    returnInput: (input: ArrayBuffer) => void,
  ): Promise<RunOutcome> {
    if (this.#death !== null) return Promise.reject(this.#death);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#post({ ...message, kind: 'run', id }, [message.input]);
      this.#pending.set(id, { resolve, reject, returnInput });
      this.#hold();
    });
  }

  /** Resolves when no run is pending; at once if none is. */
  async settled(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#settled = resolve));
  }

  /** Lets the worker release the model and end; terminates it after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#death !== null) return;
    this.#worker.ref();
    this.#post({ kind: 'close' }, []);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    const outcome = await Promise.race([this.#exited, late]);
    clearTimeout(timer);
    if (outcome === 'late') await this.terminate();
  }

  /**
   * Ends the worker, at once or when the inference it is in has returned; pending runs reject.
   *
   * A worker that stays inside onnxruntime for longer than `nativeTimeoutMs` is left alone with a warning:
   * ending it would end the process.
   */
  async terminate(): Promise<void> {
    this.#die('was terminated');
    const untilMs = performance.now() + nativeTimeoutMs;
    while (stopNative(this.#control) && performance.now() < untilMs) await sleep(2);
    if (stopNative(this.#control)) {
      process.emitWarning(
        `the inference worker is still inside onnxruntime after ${nativeTimeoutMs} ms; left running`,
      );
      this.#worker.unref();
      return;
    }
    await this.#worker.terminate();
  }

  /** For the end of the process, which terminates the worker: blocks until that is harmless. */
  stopBlocking(): void {
    if (stopNative(this.#control)) blockWhileInNative(this.#control, nativeTimeoutMs);
  }

  #post(message: ToWorker, transfer: ArrayBuffer[]): void {
    this.#port.postMessage(message, transfer);
  }

  #onMessage(message: FromWorker): void {
    if (message.kind !== 'done' && message.kind !== 'failed') return;
    const run = this.#pending.get(message.id);
    if (run === undefined) return;
    this.#pending.delete(message.id);
    run.returnInput(message.input);
    if (message.kind === 'done') run.resolve(message.outcome);
    else run.reject(fromPlainError(message.error));
    this.#hold();
  }

  #die(how: string, cause?: unknown): void {
    if (this.#death !== null) return;
    this.#death = new BackendError('worker_dead', `the inference worker ${how}`, {}, cause);
    for (const run of this.#pending.values()) run.reject(this.#death);
    this.#pending.clear();
    this.#hold();
  }

  /** Holds the process while something is pending, lets it go and wakes `settled` when nothing is. */
  #hold(): void {
    if (this.#pending.size > 0) {
      this.#worker.ref();
      this.#port.ref();
      return;
    }
    this.#worker.unref();
    this.#port.unref();
    this.#settled?.();
    this.#settled = null;
  }
}
