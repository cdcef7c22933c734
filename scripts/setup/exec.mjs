import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { paths, root } from './paths.mjs';

const TAIL_LINES = 20;

/** A step that could not be done, with what the user can do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message what failed
   * @param {{ remedy?: string | undefined, cause?: unknown }} [options]
   */
  constructor(message, { remedy, cause } = {}) {
    super(message, { cause });
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}

/** @param {unknown} error */
export function describeFailure(error) {
  if (!(error instanceof SetupError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error.remedy ? `${error.message}\n  what helps: ${error.remedy}` : error.message;
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Why commands were stopped; once set, no further one starts.
 *
 * @type {string | undefined}
 */
let stopReason;

/**
 * Ends every command that is still running and lets no other start.
 * @param {string} reason
 */
export function stopAll(reason) {
  stopReason ??= reason;
  for (const child of running) {
    // Without a number it was never started.
    if (child.pid === undefined) continue;
    try {
      // A program that was not found has none.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // ended meanwhile
    }
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 */
const shortName = (command, args) => [command, ...args.slice(0, 2)].map((word) => basename(word)).join(' ');

/**
 * Runs one command with its output in `.ros/logs/<log>.log`; on failure throws with the tail of that output.
 * @param {string} command
 * @param {string[]} args
 * @param {{ log: string, env?: NodeJS.ProcessEnv, cwd?: string | undefined, remedy?: string,
 *   verbose?: boolean | undefined, append?: boolean }} options
 * @returns {Promise<string>} the command's output
 */
export function run(command, args, { log, env = process.env, cwd = root, remedy, verbose, append = false }) {
  if (stopReason) return Promise.reject(new SetupError(stopReason));
  mkdirSync(paths.logs, { recursive: true });
  const file = join(paths.logs, `${log}.log`);
  const fd = openSync(file, append ? 'a' : 'w');
  writeSync(fd, `$ ${command} ${args.join(' ')}\n`);
  /** @type {Buffer[]} */
  const chunks = [];
  return new Promise((resolve, reject) => {
    // A process group of its own, so that stopping the command also stops the compilers below it.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    /** @param {Buffer} chunk */
    const take = (chunk) => {
      chunks.push(chunk);
      writeSync(fd, chunk);
      if (verbose) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    /** @param {string} message */
    const fail = (message) => {
      if (stopReason) return reject(new SetupError(stopReason));
      const text = Buffer.concat(chunks).toString('utf8').trimEnd();
      const tail = text.split('\n').slice(-TAIL_LINES).join('\n');
      const where = relative(root, file);
      reject(
        new SetupError(`${message}\n${tail.replace(/^/gm, '    ')}\n  full output: ${where}`, {
          remedy,
        }),
      );
    };
    child.on('error', (error) => {
      running.delete(child);
      closeSync(fd);
      fail(`cannot start ${command}: ${error.message}`);
    });
    child.on('close', (code, signal) => {
      if (!running.delete(child)) return;
      closeSync(fd);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else fail(`${shortName(command, args)} ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}
