// CPU times of other processes, from /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { DemoFailure } from './program.mjs';

/** USER_HZ, the unit of times in /proc; 100 on every architecture this package runs on. */
const TICKS_PER_SECOND = 100;

/** Places of utime and stime behind the program's name, as proc(5) counts them less the first two fields. */
const USER_TICKS_AT = 11;
const KERNEL_TICKS_AT = 12;

/**
 * CPU milliseconds, user and kernel, that a process with all its threads has used since its start.
 *
 * @param {string} stat What `/proc/PID/stat` holds. Throws DemoFailure for another text.
 * @returns {number}
 * @internal Exported for tests.
 */
export function parseCpuMs(stat) {
  // The name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const ticks = [fields[USER_TICKS_AT], fields[KERNEL_TICKS_AT]];
  if (!stat.includes(')') || !ticks.every((field) => /^\d+$/.test(field ?? ''))) {
    throw new DemoFailure(`no line of /proc/PID/stat: ${stat.slice(0, 80).trim()}`);
  }
  return (ticks.reduce((sum, field) => sum + Number(field), 0) * 1000) / TICKS_PER_SECOND;
}

/**
 * What `read` makes of the path; DemoFailure in place of its own error.
 *
 * @template Read
 * @param {string} path
 * @param {(path: string) => Read} read
 */
function guarded(path, read) {
  try {
    return read(path);
  } catch (error) {
    throw new DemoFailure(`cannot read ${path}; has the process ended?`, { cause: error });
  }
}

/**
 * CPU milliseconds of a process that runs. Throws DemoFailure when it does not.
 *
 * @param {number} pid
 * @returns {number}
 */
export function readCpuMs(pid, procFolder = '/proc') {
  return parseCpuMs(guarded(`${procFolder}/${pid}/stat`, (path) => readFileSync(path, 'utf8')));
}

/**
 * Milliseconds the threads of a process have been ready to run while others had the cores, added up; 0 where the
 * kernel does not count them. Threads that have ended are left out. Throws DemoFailure when the process does not run.
 *
 * @param {number} pid
 * @returns {number}
 */
export function readWaitMs(pid, procFolder = '/proc') {
  const folder = `${procFolder}/${pid}/task`;
  let waitNs = 0;
  for (const thread of guarded(folder, (path) => readdirSync(path))) {
    try {
      // Nanoseconds run, nanoseconds waited, time slices.
      waitNs += Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[1]);
    } catch {
      // The thread has ended since, or the kernel was built without these figures.
    }
  }
  return waitNs / 1e6;
}
