import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** A pipe that is opened otherwise waits for somebody to write into it. */
const readNow = constants.O_RDONLY | constants.O_NONBLOCK;

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'folder';
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
}

/** Throws an Error for what is no regular file, in words for `readFault`. @param found What `stat` says of it. */
function checkRegular(found: Stats): void {
  if (!found.isFile()) throw new Error(`it is a ${kindOf(found)}, expected a file`);
}

/** What `stat` says of a file, which is not opened. Throws what `readFault` has words for, also for what is none. */
export async function statRegularFile(path: string): Promise<Stats> {
  const found = await stat(path);
  checkRegular(found);
  return found;
}

/**
 * Opens what a user, or a file of a user's, calls a file. What is read in parts, or where nobody can interrupt it, is none of
 * the others: pipes and devices may wait, or never end. They are not opened at all, since that may let a writer go on or move
 * a device, but for one that takes the file's place meanwhile.
 *
 * Throws what `readFault` has words for.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  await statRegularFile(path);
  const file = await open(path, readNow);
  try {
    checkRegular(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The same for who can wait for nothing. Returns a descriptor. */
export function openRegularFileSync(path: string): number {
  checkRegular(statSync(path));
  const descriptor = openSync(path, readNow);
  try {
    checkRegular(fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** All bytes of a file. @param check Throws for what `stat` says, before it is read. */
export async function readRegularFile(
  path: string,
  check: (found: Stats) => void = () => {},
): Promise<Buffer> {
  const file = await openRegularFile(path);
  try {
    check(await file.stat());
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** The same for who can wait for nothing. */
export function readRegularFileSync(path: string, check: (found: Stats) => void): Buffer {
  const descriptor = openRegularFileSync(path);
  try {
    check(fstatSync(descriptor));
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
