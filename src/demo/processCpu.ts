import { readdirSync, readFileSync } from 'node:fs';
import { SegError } from '../core/errors.js';

/** USER_HZ, the unit of times in /proc; 100 on every architecture this package runs on. */
const ticksPerSecond = 100;

/** Places of utime and stime behind the program's name, as proc(5) counts them less the first two fields. */
const userTicksAt = 11;
const kernelTicksAt = 12;

/**
 * CPU milliseconds, user and kernel, that a process with all its threads has used since its start.
 *
 * @param stat What `/proc/PID/stat` holds. Throws SegError `proc` for another text.
 */
export function parseCpuMs(stat: string): number {
  // The name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const ticks = [fields[userTicksAt], fields[kernelTicksAt]];
  if (!stat.includes(')') || !ticks.every((field) => /^\d+$/.test(field ?? ''))) {
    throw new SegError('proc', `no line of /proc/PID/stat: ${stat.slice(0, 80).trim()}`, {});
  }
  return (ticks.reduce((sum, field) => sum + Number(field), 0) * 1000) / ticksPerSecond;
}

function guarded<Result>(path: string, read: (path: string) => Result): Result {
  try {
    return read(path);
  } catch (error) {
    throw new SegError('proc', `cannot read ${path}; has the process ended?`, { path }, error);
  }
}

/** CPU milliseconds of a process that runs. Throws SegError `proc` when it does not. */
export function readCpuMs(pid: number, procFolder = '/proc'): number {
  return parseCpuMs(guarded(`${procFolder}/${pid}/stat`, (path) => readFileSync(path, 'utf8')));
}

/**
 * Milliseconds the threads of a process have been ready to run while others had the cores, added up; 0 where the
 * kernel does not count them. Threads that have ended are left out.
 *
 * Throws SegError `proc` when the process does not run.
 */
export function readWaitMs(pid: number, procFolder = '/proc'): number {
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
