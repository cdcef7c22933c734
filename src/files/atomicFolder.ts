import { rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { ConfigError } from '../core/errors.js';
import { writeFault } from './fault.js';
import { unfinishedPath } from './atomicFile.js';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Makes a folder in one step: `fill` gets an empty neighbour, which takes the name when it is full.
 *
 * Throws ConfigError `output` if it cannot be made, and what `fill` throws. Nothing is left then, nor where
 * the process is interrupted.
 */
export async function makeFolderAtomically<Result>(
  path: string,
  fill: (folder: string) => Promise<Result>,
): Promise<Result> {
  const unfinished = unfinishedPath(path);
  await mkdir(unfinished).catch((error: unknown) => {
    throw new ConfigError('output', `cannot make ${path}: ${writeFault(error, path)}`, { path });
  });
  const interrupted = (signal: NodeJS.Signals) => {
    rmSync(unfinished, { recursive: true, force: true });
    for (const one of signals) process.off(one, interrupted);
    // Ends the process as the signal would have, unless somebody else waits for it.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, interrupted);
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
    for (const signal of signals) process.off(signal, interrupted);
  }
}
