import { readdirSync, readFileSync, readlinkSync, statSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from '../core/errors.js';

/** Where Linux keeps named shared memory, and where it lists processes. */
export interface SharedMemoryFolders {
  readonly memory: string;
  readonly processes: string;
}

const systemFolders: SharedMemoryFolders = { memory: '/dev/shm', processes: '/proc' };

/** Names of the namespaces that the kernel starts with (PROC_PID_INIT_INO, PROC_IPC_INIT_INO of linux/proc_ns.h). */
const hostNamespaces = { pid: 'pid:[4026531836]', ipc: 'ipc:[4026531839]' } as const;

/**
 * Throws ConfigError `shared_memory` in a container that has the host's memory and does not see its processes: whose
 * the files are cannot be told there.
 */
export function refuseBlindContainer({ processes }: SharedMemoryFolders = systemFolders): void {
  const pid = readlinkSync(join(processes, 'self/ns/pid'));
  const ipc = readlinkSync(join(processes, 'self/ns/ipc'));
  if (pid === hostNamespaces.pid || ipc !== hostNamespaces.ipc) return;
  const what =
    "this container has the host's shared memory (--ipc=host), but does not see the host's processes: run it on the host, or with --pid=host";
  throw new ConfigError('shared_memory', what, { pid, ipc });
}

/** A file of Fast DDS: a segment, a port, their lock or their semaphore. */
export interface SharedMemoryFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly ownerUid: number;
}

/** Whose the files are that lie there. */
export interface SharedMemorySurvey {
  /** No process has them. */
  readonly stale: readonly SharedMemoryFile[];
  readonly used: readonly SharedMemoryFile[];
  /** The processes that have the used ones, by their number: each as it was started. */
  readonly users: ReadonlyMap<number, string>;
}

/**
 * Names that Fast DDS 2 and 3 give: `fastrtps_0123456789abcdef` and `fastrtps_port7411` with their `_el` and `_sl`,
 * `sem.fastrtps_port7411_mutex`, `fast_datasharing_...`.
 */
const fastDdsName = /^(sem\.)?(fastrtps|fastdds)_|^fast_datasharing_/;

/** A file is made, locked and mapped in steps; one this young may be between two of them. */
const youngMs = 5000;

/** What belongs to one segment or port carries its name. */
const groupOf = (name: string) => name.replace(/^sem\./, '').replace(/_(el|sl|mutex)$/, '');

/** Names of files in shared memory that a process has mapped or open; none where it ended, or may not be looked into. */
function namesOfProcess({ memory, processes }: SharedMemoryFolders, pid: string): Set<string> {
  const names = new Set<string>();
  const add = (path: string) => {
    if (path.startsWith(`${memory}/`)) names.add(path.slice(memory.length + 1));
  };
  try {
    for (const line of readFileSync(join(processes, pid, 'maps'), 'utf8').split('\n')) {
      const begin = line.indexOf('/');
      if (begin > 0) add(line.slice(begin));
    }
    for (const fd of readdirSync(join(processes, pid, 'fd')))
      add(readlinkSync(join(processes, pid, 'fd', fd)));
  } catch {
    // Ended under way, or another user's, of whose files only those that are locked are known.
  }
  return names;
}

/** Device and inode of the files that a process of any user has locked, as /proc/locks writes them. */
function lockedInodes({ processes }: SharedMemoryFolders): Set<string> {
  const inodes = new Set<string>();
  for (const line of readFileSync(join(processes, 'locks'), 'utf8').split('\n')) {
    const found = /\s[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (found !== null) inodes.add(found[1]!);
  }
  return inodes;
}

/** Enough to tell programs apart that run in the same interpreter. */
const longestCommandLine = 60;

/** The command line without folders, cut; where there is none, as of a zombie, the name that the kernel has. */
function processName({ processes }: SharedMemoryFolders, pid: string): string {
  try {
    const words = readFileSync(join(processes, pid, 'cmdline'), 'utf8').split('\0');
    const line = words
      .map((word) => (word.startsWith('/') ? basename(word) : word))
      .join(' ')
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim();
    if (line === '') return readFileSync(join(processes, pid, 'comm'), 'utf8').trim();
    return line.length > longestCommandLine ? `${line.slice(0, longestCommandLine)}...` : line;
  } catch {
    return 'ended';
  }
}

/**
 * Tells which of Fast DDS's files belong to nobody any more.
 *
 * In use is what a process has mapped or open, or has locked (Fast DDS locks its segments and ports for as long as
 * they live), with all that carries the same name; and what is younger than five seconds.
 */
export function surveySharedMemory(folders: SharedMemoryFolders = systemFolders): SharedMemorySurvey {
  const files: (SharedMemoryFile & { inode: string; modifiedMs: number })[] = [];
  for (const name of readdirSync(folders.memory).filter((each) => fastDdsName.test(each))) {
    const status = statSync(join(folders.memory, name), { throwIfNoEntry: false });
    if (status === undefined) continue;
    const { size: sizeBytes, uid: ownerUid, ino, mtimeMs: modifiedMs } = status;
    files.push({ name, sizeBytes, ownerUid, inode: String(ino), modifiedMs });
  }

  const inUse = new Set<string>();
  const users = new Map<number, string>();
  for (const pid of readdirSync(folders.processes).filter((each) => /^\d+$/.test(each))) {
    const names = [...namesOfProcess(folders, pid)].filter((name) => fastDdsName.test(name));
    if (names.length > 0) users.set(Number(pid), processName(folders, pid));
    for (const name of names) inUse.add(groupOf(name));
  }
  const locked = lockedInodes(folders);
  const nowMs = Date.now();
  for (const { name, inode, modifiedMs } of files) {
    if (locked.has(inode) || nowMs - modifiedMs < youngMs) inUse.add(groupOf(name));
  }

  const stale: SharedMemoryFile[] = [];
  const used: SharedMemoryFile[] = [];
  for (const { name, sizeBytes, ownerUid } of files) {
    (inUse.has(groupOf(name)) ? used : stale).push({ name, sizeBytes, ownerUid });
  }
  return { stale, used, users };
}

/** Removes files; returns those that belong to a user whose files the caller may not remove. */
export function removeSharedMemory(
  files: readonly SharedMemoryFile[],
  { memory }: SharedMemoryFolders = systemFolders,
): readonly SharedMemoryFile[] {
  return files.filter(({ name }) => {
    try {
      unlinkSync(join(memory, name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPERM' || code === 'EACCES') return true;
      if (code !== 'ENOENT') throw error;
    }
    return false;
  });
}
