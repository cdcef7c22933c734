import { readdirSync, readFileSync } from 'node:fs';
import { Peer, until } from './peer.js';

export const demoModel = 'assets/models/shapes-seg-320.onnx';

/** For tests that take a second without a frame for the end of a stream. */
export const unhurried = { 'diagnostic_updater.period': 1 } as const;

export type ParameterOverride = boolean | number | string | readonly string[] | readonly number[];

export interface NodeStart {
  /** Overrides by parameter name; `model.path` is the small demo model unless given, and diagnostics are not waited for. */
  readonly parameters?: Readonly<Record<string, ParameterOverride>>;
  /** More ROS arguments, such as `-r`, `__ns:=/robot`. */
  readonly rosArguments?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What is started; `bin/rdk-yolo-seg`, which completes the ROS environment, unless given. */
  readonly program?: readonly string[];
}

/** A value as `-p name:=value` takes it; JSON is YAML, and quotes keep a text a text. */
function overrideText(value: ParameterOverride): string {
  // A whole number must not become an integer where a double is declared, nor the other way round.
  return JSON.stringify(value);
}

/** The node as a user starts it, in a process of its own. Logs are read from its output. */
export class NodeProcess {
  readonly #peer: Peer;

  constructor(start: NodeStart = {}) {
    const parameters = { 'model.path': demoModel, 'diagnostic_updater.period': 0.1, ...start.parameters };
    const overrides = Object.entries(parameters).flatMap(([name, value]) => [
      '-p',
      `${name}:=${overrideText(value)}`,
    ]);
    const args = ['node', '--ros-args', ...overrides, ...(start.rosArguments ?? [])];
    const [command, ...before] = start.program ?? ['bin/rdk-yolo-seg'];
    this.#peer = new Peer(command!, [...before, ...args], start.env);
  }

  get pid(): number {
    return this.#peer.process.pid!;
  }

  /** Everything the node has said so far, stderr and stdout. */
  get log(): string {
    return this.#peer.output;
  }

  get exited(): Promise<number | NodeJS.Signals> {
    return this.#peer.exited;
  }

  /** Waits until the log has the text, counted from the character `since`. */
  async logged(text: string | RegExp, { since = 0, timeoutMs = 30_000 } = {}): Promise<void> {
    const found = () => {
      const rest = this.log.slice(since);
      return typeof text === 'string' ? rest.includes(text) : text.test(rest);
    };
    await until(found, timeoutMs, () => `the node never said ${text}:\n${this.log.slice(since)}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#peer.process.kill(signal);
  }

  /** Resolves with the exit code, or with the name of the signal that killed it; `running` after the time. */
  async ended(timeoutMs = 20_000): Promise<number | string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('running'), timeoutMs);
    });
    const outcome = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    return outcome;
  }

  /** Ends the node with SIGINT, or by force where that does not do. */
  async stop(): Promise<void> {
    this.signal('SIGINT');
    if ((await this.ended()) === 'running') await this.#peer.kill();
  }

  /** Resident memory in megabytes. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024;
  }

  /** Segments in /dev/shm that this process has mapped and no other has; ports belong to several. */
  ownSharedMemory(): Set<string> {
    const own = sharedMemoryOf(String(this.pid));
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (pid === String(this.pid)) continue;
      for (const path of sharedMemoryOf(pid)) own.delete(path);
    }
    return own;
  }
}

function sharedMemoryOf(pid: string): Set<string> {
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
    return new Set(maps.match(/\/dev\/shm\/(?!\S*_port)\S+/g));
  } catch {
    // Ended between the listing and the look.
    return new Set();
  }
}
