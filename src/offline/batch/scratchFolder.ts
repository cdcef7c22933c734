import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../core/errors.js';
import { writeFault } from '../../files/fault.js';

/** A new, empty folder. Rejects with StoreError where this machine has no room, which passes. @param inside Folder that is there. */
export async function scratchFolder(inside: string, prefix: string): Promise<string> {
  return mkdtemp(join(inside, prefix)).catch((error: unknown) => {
    throw new StoreError(`cannot make a folder in ${inside}: ${writeFault(error, inside)}`, true, {}, error);
  });
}
