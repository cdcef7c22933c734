import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from '../setup/paths.mjs';

const TAIL_LINES = 25;
export const START_LIMIT_S = 20;
export const STOP_LIMIT_S = 12;
/** The node reports once a second; the last figures must be out before it is stopped. */
export const SETTLE_MS = 1500;

export const outDir = join(root, 'out');
export const cameraLog = join(outDir, 'camera.jsonl');
export const depthReportFile = join(outDir, 'depth.json');
export const reportFile = join(outDir, 'report.json');

/** What ends the demo early; the message says which criterion failed. */
export class DemoFailure extends Error {}

/**
 * @typedef {import('../../dist/record/verdict.js').Criterion} Criterion
 * @typedef {{ seconds: number, backend: string, scene: string, compiled: string | null, images: string | null }} DemoOptions
 * `compiled`: a compiled model, whose integers bpu-sim answers with; `images`: other pictures for bpu-sim.
 * @typedef {{ table: string, files: string[], criteria: Criterion[] }} DemoOutcome
 * `files`: pictures left in `out/`.
 */

/** One of the programs, with its output in `out/<name>.log`. */
export class Program {
  /** @type {Set<Program>} */
  static running = new Set();

  /**
   * @param {string} name
   * @param {string[]} args of `rdk-yolo-seg`
   * @param {NodeJS.ProcessEnv} env
   * @param {string} file another program than that
   */
  constructor(name, args, env, file = join(root, 'bin', 'rdk-yolo-seg')) {
    this.name = name;
    this.logFile = join(outDir, `${name}.log`);
    this.stdout = '';
    this.text = '';
    /** @type {string | number | null | undefined} exit code, signal or start error, once it has ended */
    this.result = undefined;
    writeFileSync(this.logFile, '');
    // A group of its own: Ctrl-C must reach this script alone, which then stops the programs in order.
    this.child = spawn(file, args, { cwd: root, env, detached: true });
    Program.running.add(this);
    this.child.stdout.on('data', (chunk) => {
      this.stdout += chunk;
      this.#take(chunk);
    });
    this.child.stderr.on('data', (chunk) => this.#take(chunk));
    /** @type {Promise<string | number | null>} */
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => this.#end(`could not be started: ${error.message}`, resolve));
      this.child.on('close', (code, signal) => this.#end(signal ?? code, resolve));
    });
  }

  /** @param {string | Buffer} chunk */
  #take(chunk) {
    this.text += chunk;
    appendFileSync(this.logFile, chunk);
  }

  /**
   * @param {string | number | null} result
   * @param {(result: string | number | null) => void} resolve
   */
  #end(result, resolve) {
    if (this.result !== undefined) return;
    this.result = result;
    Program.running.delete(this);
    resolve(result);
  }

  /**
   * Exit code, signal or start error; throws when the program does not end in time.
   *
   * @param {number} limitSeconds
   */
  async end(limitSeconds) {
    const timer = new AbortController();
    await Promise.race([
      this.ended,
      delay(limitSeconds * 1000, undefined, { signal: timer.signal }).catch(() => {}),
    ]);
    timer.abort();
    if (this.result === undefined) throw new DemoFailure(`${this.name} did not end within ${limitSeconds} s`);
    return this.result;
  }

  /**
   * Rejects when the program ends, for waiting beside something it must outlive.
   *
   * @param {Program} other
   */
  async mustOutlive(other) {
    const result = await Promise.race([this.ended, other.ended.then(() => undefined)]);
    if (result !== undefined) throw new DemoFailure(`${this.name} ended by itself: ${result}`);
  }

  /**
   * Waits until the program has written `line`.
   *
   * @param {string} line
   * @param {number} limitSeconds
   */
  async says(line, limitSeconds) {
    const untilMs = performance.now() + limitSeconds * 1000;
    while (!this.text.includes(line)) {
      if (this.result !== undefined) throw new DemoFailure(`${this.name} ended at start: ${this.result}`);
      if (performance.now() > untilMs)
        throw new DemoFailure(`${this.name} did not start within ${limitSeconds} s`);
      await delay(50);
    }
  }

  /** Throws where the program could not be started. */
  get pid() {
    if (this.child.pid === undefined) throw new DemoFailure(`${this.name} was not started: ${this.result}`);
    return this.child.pid;
  }

  /** @param {NodeJS.Signals} name */
  signal(name) {
    if (this.result === undefined) this.child.kill(name);
  }
}

/** Ends what still runs: asks first, because a killed program leaves its shared memory behind. */
export async function stopAll() {
  for (const program of Program.running) program.signal('SIGINT');
  await Promise.allSettled([...Program.running].map((program) => program.end(5)));
  for (const program of Program.running) program.signal('SIGKILL');
}

/** The ends of the logs, for a demo that failed. */
export function printTails() {
  for (const name of ['tensors', 'camera', 'node', 'recorder']) {
    const file = join(outDir, `${name}.log`);
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES);
    console.error(`\n--- end of ${relative(root, file)}\n${lines.join('\n')}`);
  }
}
