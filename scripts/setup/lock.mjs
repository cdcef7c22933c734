import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths, stateDir } from './paths.mjs';

const POLL_MS = 300;

/** @param {unknown} error of the system */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function tryTake() {
  try {
    const fd = openSync(paths.lock, 'wx');
    writeSync(fd, `${process.pid}\n`);
    closeSync(fd);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
}

function holder() {
  try {
    return Number(readFileSync(paths.lock, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` while holding the clone's set-up lock; waits while another process sets up the same clone.
 * @template T
 * @param {(message: string) => void} say
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(say, work) {
  mkdirSync(stateDir, { recursive: true });
  let told = false;
  for (let unreadable = 0; !tryTake(); ) {
    const pid = holder();
    // A lock without a number is either being written right now or left by a full disk: wait a little first.
    if (pid === undefined) unreadable += 1;
    if (pid === undefined ? unreadable > 10 : !isAlive(pid)) {
      rmSync(paths.lock, { force: true });
      continue;
    }
    if (!told) say(`[setup] waiting for another set-up of this clone (process ${pid ?? 'unknown'})`);
    told = true;
    await sleep(POLL_MS);
  }
  const release = () => {
    if (holder() === process.pid) rmSync(paths.lock, { force: true });
  };
  process.on('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.off('exit', release);
  }
}
