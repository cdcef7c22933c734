import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds of the machine, from /proc. */
export interface ProcessFigures {
  readonly residentMib: number;
  /** Of it what no file and no shared memory stands behind: heaps, stacks, buffers. */
  readonly anonymousMib: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Files in /dev/shm that are mapped. */
  readonly sharedFiles: number;
}

/** The figures of a process that runs; throws the error of the file system where it has ended. */
export function readProcess(pid: number): ProcessFigures {
  const folder = `/proc/${pid}`;
  const status = readFileSync(`${folder}/status`, 'utf8');
  const mib = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)![1]) / 1024;
  const maps = readFileSync(`${folder}/maps`, 'utf8');
  return {
    residentMib: mib('VmRSS'),
    anonymousMib: mib('RssAnon'),
    descriptors: readdirSync(`${folder}/fd`).length,
    threads: Number(/Threads:\s+(\d+)/.exec(status)![1]),
    sharedFiles: new Set(maps.match(/\/dev\/shm\/\S+/g)).size,
  };
}
