import { readFileSync } from 'node:fs';
import { BackendError } from '../core/errors.js';

/** USER_HZ, the unit of times in /proc; 100 on every architecture this package runs on. */
const ticksPerSecond = 100;

/** Places of utime and stime behind the program's name, as proc(5) counts them less the first two fields. */
const userTicksAt = 11;
const kernelTicksAt = 12;

/**
 * CPU milliseconds, user and kernel, that a process with all its threads has used since its start.
 *
 * @param stat What `/proc/PID/stat` holds. Throws BackendError `proc` for another text.
 */
export function parseCpuMs(stat: string): number {
  // The name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const ticks = [fields[userTicksAt], fields[kernelTicksAt]];
  if (!stat.includes(')') || !ticks.every((field) => /^\d+$/.test(field ?? ''))) {
    throw new BackendError('proc', `no line of /proc/PID/stat: ${stat.slice(0, 80).trim()}`, {});
  }
  return (ticks.reduce((sum, field) => sum + Number(field), 0) * 1000) / ticksPerSecond;
}

/** CPU milliseconds of a process that runs. Throws BackendError `proc` when it does not. */
export function readCpuMs(pid: number, procFolder = '/proc'): number {
  const path = `${procFolder}/${pid}/stat`;
  let stat: string;
  try {
    stat = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BackendError('proc', `cannot read ${path}; has the process ended?`, { path }, error);
  }
  return parseCpuMs(stat);
}
