import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { settledWithin } from '../core/deadline.js';
import { BackendError } from '../core/errors.js';
import { deserialiseError } from '../core/serialisedError.js';
import {
  blockUntilAnswered,
  type FromWorker,
  type LinkSetup,
  makeAnswered,
  type ToWorker,
} from './protocol.js';

/** Which worker is started, and how it is called. */
export interface WorkerLinkOptions {
  /** The worker's module. */
  readonly script: URL;
  /** Name of the thread, for profilers. */
  readonly name: string;
  /** How errors call it: `the inference worker`. */
  readonly title: string;
  /** Its workerData, beside LinkSetup. */
  readonly setup: object;
  /** How the thread is ended by force; by default at once. */
  readonly terminate?: (worker: Worker) => Promise<void>;
  /** Whether the process stays alive while a run or the closing is waited for; by default it does. */
  readonly holdsProcess?: boolean;
  /** Told once the thread has ended, however it did. */
  readonly onExit?: () => void;
}

interface PendingRun<Outcome> {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly takeBack: (returned: readonly ArrayBuffer[]) => void;
}

const nothing = () => {};

/**
 * A worker thread as seen from the thread that uses it: opens once, then answers runs.
 *
 * The worker keeps the process alive only while somebody waits for a run or for the closing, and with `holdsProcess`
 * false not even then.
 */
export class WorkerLink<Run, Ready, Outcome> {
  readonly #options: WorkerLinkOptions;
  readonly #holdsProcess: boolean;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #answered = makeAnswered();
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, PendingRun<Outcome>>();
  #settled: (() => void) | null = null;
  #nextId = 0;
  #death: BackendError | null = null;

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
    this.#holdsProcess = options.holdsProcess ?? true;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const link: LinkSetup = { port: port2, answered: this.#answered, script: options.script.href };
    this.#worker = new Worker(new URL('./bootstrap.js', import.meta.url), {
      workerData: { ...options.setup, ...link },
      transferList: [port2],
      name: options.name,
      execArgv: [],
    });
    this.#worker.on('error', (error) => this.#die(`ended by ${error.message}`, error));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (exitCode) => {
        options.onExit?.();
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

  /** Waits until it can work; rejects with its refusal or BackendError `worker_dead`, `open_timeout`. */
  async ready(timeoutMs: number): Promise<Ready> {
    const answer = await new Promise<FromWorker<Ready, Outcome> | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      this.#port.once('message', (message: FromWorker<Ready, Outcome>) => {
        clearTimeout(timer);
        resolve(message);
      });
      if (!this.#holdsProcess) {
        timer.unref();
        this.#letGo();
      }
      void this.#exited.then(() => {
        clearTimeout(timer);
        resolve(this.#receiveNow());
      });
    });
    return this.#accept(answer, timeoutMs);
  }

  /** The same, blocking the calling thread. */
  readySync(timeoutMs: number): Ready {
    const isAnswered = blockUntilAnswered(this.#answered, timeoutMs);
    const answer = this.#receiveNow();
    // Its exit cannot be seen while this thread is blocked.
    if (isAnswered && answer === null) this.#die('ended while it was opened');
    return this.#accept(answer, timeoutMs);
  }

  #receiveNow(): FromWorker<Ready, Outcome> | null {
    return (receiveMessageOnPort(this.#port)?.message as FromWorker<Ready, Outcome> | undefined) ?? null;
  }

  #accept(answer: FromWorker<Ready, Outcome> | null, timeoutMs: number): Ready {
    if (answer?.kind === 'ready') {
      this.#port.on('message', (message: FromWorker<Ready, Outcome>) => this.#onMessage(message));
      this.#hold();
      return answer.ready;
    }
    const death = this.#death;
    void this.terminate();
    if (answer?.kind === 'refused') throw deserialiseError(answer.error);
    if (death !== null) throw death;
    throw new BackendError('open_timeout', `${this.#options.title} was not ready within ${timeoutMs} ms`, {
      timeoutMs,
    });
  }

  /**
   * Sends a run to the worker and transfers the buffers of `transfer` with it. `takeBack` gets those that the worker
   * returns with its answer, before the promise settles. Rejects with the worker's error, or BackendError once the
   * worker is dead.
   */
  run(
    run: Run,
    transfer: readonly ArrayBuffer[] = [],
    takeBack: (returned: readonly ArrayBuffer[]) => void = nothing,
  ): Promise<Outcome> {
    if (this.#death !== null) return Promise.reject(this.#death);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#post({ kind: 'run', id, run }, transfer);
      this.#pending.set(id, { resolve, reject, takeBack });
      this.#hold();
    });
  }

  /** Resolves when no run is pending; at once if none is. */
  async settled(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#settled = resolve));
  }

  /** Lets the worker give back what it holds and end; terminates it after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#death !== null) return;
    if (this.#holdsProcess) this.#worker.ref();
    this.#post({ kind: 'close' }, []);
    if (!(await settledWithin(this.#exited, timeoutMs))) await this.terminate();
  }

  /** Ends the worker by force; pending runs reject. */
  async terminate(): Promise<void> {
    this.#die('was terminated');
    const { terminate } = this.#options;
    await (terminate === undefined ? this.#worker.terminate() : terminate(this.#worker));
  }

  #post(message: ToWorker<Run>, transfer: readonly ArrayBuffer[]): void {
    this.#port.postMessage(message, transfer);
  }

  #onMessage(message: FromWorker<Ready, Outcome>): void {
    if (message.kind !== 'done' && message.kind !== 'failed') return;
    const run = this.#pending.get(message.id);
    if (run === undefined) return;
    this.#pending.delete(message.id);
    run.takeBack(message.returned);
    this.#hold();
    if (message.kind === 'done') run.resolve(message.outcome);
    else run.reject(deserialiseError(message.error));
  }

  #die(how: string, cause?: unknown): void {
    if (this.#death !== null) return;
    this.#death = new BackendError('worker_dead', `${this.#options.title} ${how}`, {}, cause);
    for (const run of this.#pending.values()) run.reject(this.#death);
    this.#pending.clear();
    this.#hold();
  }

  /** Holds the process while something is pending, lets it go and wakes `settled` when nothing is. */
  #hold(): void {
    if (this.#pending.size > 0 && this.#holdsProcess) {
      this.#worker.ref();
      this.#port.ref();
    } else {
      this.#letGo();
    }
    if (this.#pending.size > 0) return;
    this.#settled?.();
    this.#settled = null;
  }

  #letGo(): void {
    this.#worker.unref();
    this.#port.unref();
  }
}
