import { rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { writeFault } from './fault.js';
import { endSignals } from './interruption.js';
import { isRunning } from './processes.js';
import { cannotWrite, unfinishedPath, unfinishedPrefix } from './atomicFile.js';

/** Removes what processes that were killed left of a folder they were making. */
export async function removeAbandoned(path: string): Promise<void> {
  const prefix = unfinishedPrefix(path);
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || isRunning(Number(name.slice(prefix.length)))) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}

/**
 * Writes a file of a folder that is being made. Throws ConfigError `output`.
 *
 * @param finalPath How it will be found, which the error names.
 */
export async function writePart(
  path: string,
  content: string | NodeJS.ArrayBufferView,
  finalPath: string = path,
): Promise<void> {
  await writeFile(path, content).catch((error: unknown) => {
    throw cannotWrite(finalPath, error);
  });
}

/**
 * Makes a folder in one step: `fill` gets an empty neighbour, which takes the name when it is full.
 *
 * Throws ConfigError `output` if it cannot be made, and what `fill` throws. Nothing is left then, nor where
 * the process is interrupted: by a signal at once, or, with `isFillAborted`, when `fill` has ended, which the caller sees to.
 */
export async function makeFolderAtomically<Result>(
  path: string,
  fill: (folder: string) => Promise<Result>,
  { isFillAborted = false }: { readonly isFillAborted?: boolean } = {},
): Promise<Result> {
  const unfinished = unfinishedPath(path);
  await mkdir(unfinished).catch((error: unknown) => {
    throw new ConfigError('output', `cannot make ${path}: ${writeFault(error, path)}`, { path });
  });
  const interrupted = (signal: NodeJS.Signals) => {
    rmSync(unfinished, { recursive: true, force: true });
    for (const one of endSignals) process.off(one, interrupted);
    // Ends the process as the signal would have, unless somebody else waits for it.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  if (!isFillAborted) for (const signal of endSignals) process.on(signal, interrupted);
  try {
    const result = await fill(unfinished);
    await rename(unfinished, path).catch((error: unknown) => {
      throw new ConfigError('output', `cannot make ${path}: ${writeFault(error, path)}`, { path });
    });
    return result;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    for (const signal of endSignals) process.off(signal, interrupted);
  }
}
