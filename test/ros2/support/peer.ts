import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HIDE_PROFILE } from '../peers/pattern.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface PeerEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** A process of a test; ends with the test at the latest. */
export class Peer {
  readonly process: ChildProcess;
  readonly events: PeerEvent[] = [];
  readonly exited: Promise<number | NodeJS.Signals>;
  output = '';

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A peer that has ended already cannot be told to end.
    this.process.stdin?.on('error', () => {});
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (line.startsWith('{')) this.events.push(JSON.parse(line) as PeerEvent);
      this.output += `${line}\n`;
    });
    this.process.stderr?.on('data', (text: Buffer) => {
      this.output += text.toString();
    });
    this.exited = new Promise((resolve) => {
      this.process.on('close', (code, signal) => resolve(code ?? signal ?? -1));
    });
  }

  async event(name: string, timeoutMs = 20_000): Promise<PeerEvent> {
    const find = () => this.events.find(({ event }) => event === name);
    await until(
      () => find() !== undefined,
      timeoutMs,
      () => `peer never said ${name}: ${this.output}`,
    );
    return find()!;
  }

  /** Lets the peer end in its own way; one that does not is killed, which leaves its shared memory behind. */
  async end(timeoutMs = 5000): Promise<number | NodeJS.Signals> {
    this.process.stdin?.end();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), timeoutMs);
    const result = await this.exited;
    clearTimeout(timer);
    return result;
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

export async function until(
  condition: () => boolean,
  timeoutMs = 10_000,
  explain: () => string = () => 'condition',
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`timeout after ${timeoutMs} ms: ${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The camera of peers/camera.mjs. */
export function startCamera(options: object, env: NodeJS.ProcessEnv = {}): Peer {
  return new Peer(process.execPath, ['test/ros2/peers/camera.mjs', JSON.stringify(options)], env);
}

/**
 * Environment of a camera that is started without the shared-memory variables, which a test process may have set
 * for itself.
 */
export const withoutProfile: NodeJS.ProcessEnv = {
  [HIDE_PROFILE]: '1',
  FASTRTPS_DEFAULT_PROFILES_FILE: undefined,
  FASTDDS_DEFAULT_PROFILES_FILE: undefined,
  RMW_FASTRTPS_USE_QOS_FROM_XML: undefined,
};
