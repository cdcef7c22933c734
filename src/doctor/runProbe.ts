import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { roomRemedy } from '../files/sharedMemoryRoom.js';
import { type Check, fault, notApplicable } from './check.js';
import { probeChecks, type ProbeMessage, type ProbeRequest } from './probeMessages.js';

/** What is tried in a process of its own, and how long each of its steps may take. */
export interface ProbeRun {
  readonly request: ProbeRequest;
  readonly stepLimitMs: number;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the process. */
  readonly signal: AbortSignal;
  /** The process's module; another one in tests. */
  readonly script?: URL;
}

/** How a probe ended. */
export interface ProbeEnd {
  /** All of its kind, in their order. */
  readonly checks: Check[];
  /** What its process wrote last, to either of its outputs: the words of vendor's library and middleware. */
  readonly output: string;
}

/** For those who look for why a process died. */
const keptOutput = 2000;
/** A process that has done all and does not end is ended. */
const endLimitMs = 5000;

/** What Node says of an error, else the last lines. */
function lastWordsOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const error = lines.find((line) => /^\w*Error\b/.test(line));
  return error ?? lines.slice(-3).join(' | ');
}

/** What helps where a step hung or died, from what it was and what it wrote. */
function remedyFor(id: string, signal: NodeJS.Signals | null, output: string): string {
  const isLoan = id === 'shm.loan';
  // Linux gives room for a file of shared memory when it is written to, and ends who writes where there is none.
  if (isLoan && signal === 'SIGBUS') return `/dev/shm ran full: ${roomRemedy}`;
  const lastWords = lastWordsOf(output);
  if (lastWords !== '') return `the last it wrote: ${lastWords}`;
  return isLoan
    ? 'it wrote nothing: df -h /dev/shm must show room; rdk-yolo-seg clean-shm; end other ROS programs and try again'
    : 'it wrote nothing; another process may hold the device: try again alone, then after a restart of the board';
}

class Probe {
  readonly #run: ProbeRun;
  readonly #child: ChildProcess;
  readonly #checks = new Map<string, Check>();
  readonly #resolve: (end: ProbeEnd) => void;
  #timer: NodeJS.Timeout | undefined;
  #current: string;
  #output = '';

  constructor(run: ProbeRun, resolve: (end: ProbeEnd) => void) {
    this.#run = run;
    this.#resolve = resolve;
    this.#current = probeChecks[run.request.kind][0];
    const script = fileURLToPath(run.script ?? new URL('./probeProcess.js', import.meta.url));
    // The vendor's library and the middleware write to both outputs as they like.
    this.#child = fork(script, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: run.env });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-keptOutput);
      });
    }
    this.#child.on('message', (message) => this.#take(message as ProbeMessage));
    this.#child.on('error', (error) => this.#end(`its process did not start: ${error.message}`));
    // Not at its exit: what it wrote last may come later.
    this.#child.on('close', (code, signal) => {
      this.#end(`its process ended ${signal === null ? `with ${code}` : `by ${signal}`}`, signal);
    });
    run.signal.addEventListener('abort', () => this.#end('it was interrupted'), { once: true });
    this.#child.send(run.request, () => undefined);
    this.#restart();
  }

  #take(message: ProbeMessage): void {
    this.#restart();
    if (message.kind === 'begins') this.#current = message.id;
    else if (message.kind === 'check') this.#checks.set(message.check.id, message.check);
    else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#end('it did not end'), endLimitMs);
    }
  }

  #restart(): void {
    clearTimeout(this.#timer);
    const { stepLimitMs } = this.#run;
    this.#timer = setTimeout(() => {
      this.#end(`it did not end within ${(stepLimitMs / 1000).toFixed(0)} s: it hangs`);
    }, stepLimitMs);
  }

  /** Settles with what is known; what the process is in cannot be waited for. */
  #end(why: string, signal: NodeJS.Signals | null = null): void {
    clearTimeout(this.#timer);
    const { pid } = this.#child;
    if (pid !== undefined && this.#child.exitCode === null) this.#child.kill('SIGKILL');
    this.#child.removeAllListeners();
    this.#child.on('error', () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.destroy();
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
    const unreached = (id: string): Check => {
      if (id !== this.#current) return notApplicable(id, `not reached: ${this.#current} failed`);
      return fault(id, why, remedyFor(id, signal, this.#output), { output: this.#output.trim() });
    };
    const checks = probeChecks[this.#run.request.kind].map((id) => this.#checks.get(id) ?? unreached(id));
    this.#resolve({ checks, output: this.#output });
  }
}

/**
 * Tries in a process of its own what may hang or die: vendor's library and middleware. Never rejects: a step that does
 * not end within its limit, or ends its process, is a fault with its name, and those behind it are not reached.
 */
export function runProbe(run: ProbeRun): Promise<ProbeEnd> {
  return new Promise((resolve) => {
    new Probe(run, resolve);
  });
}
