import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What the system says of a place, in words that need no place before or after them. */
const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EFBIG: 'the file would be larger than this process may write (ulimit -f)',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
};

/** True where the system refuses for want of room. */
export function isDiskFull(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** A path as a message shows it. */
export function shownPath(path: string): string {
  return path === '' ? '"" (no name)' : path;
}

/** Why something of the user's cannot be read, to stand behind its name; the system's own words where there are no better. */
export function readFault(error: unknown, expected: 'file' | 'folder' = 'file'): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EISDIR') return 'cannot be read: it is a folder, expected a file';
  if (code === 'ENOTDIR' && expected === 'folder') return 'cannot be read: it is no folder';
  if (code === 'ENOTDIR') return 'does not exist: a part of the path is no folder';
  return `cannot be read: ${words[code] ?? message}`;
}

/** Why a file or folder of this name cannot be made, to stand behind a colon. */
export function writeFault(error: unknown, path: string): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const folder = dirname(resolve(path));
  if (path === '') return 'expected a name';
  if (code === 'ENOENT') {
    return existsSync(folder) ? `${folder} takes no files or folders` : `the folder ${folder} does not exist`;
  }
  if (code === 'ENOTDIR') return `${folder} is no folder`;
  if (code === 'EEXIST') return `${path} is no folder`;
  if (code === 'EISDIR') return 'it is a folder; expected a file';
  return words[code] ?? message;
}
