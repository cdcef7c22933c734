import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { readFault } from '../files/fault.js';
import { readRegularFileSync } from '../files/regularFile.js';
import { judgeProfile } from './profileFile.js';
import { isLocalhostOnly, profileNameIn, sharedMemoryProfilePath } from './sharedMemoryEnv.js';

/** What the profile in force does to frames and results. */
export interface ProfileFinding {
  /** A fault where it is without any effect, or nothing starts with it. */
  readonly outcome: 'ok' | 'warning' | 'fault';
  readonly found: string;
  /** Null where nothing is wrong. */
  readonly remedy: string | null;
}

function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    // Fast DDS gets no further either.
    return false;
  }
}

/** Throws for `readFault`. */
function readProfile(path: string): string {
  const bytes = readRegularFileSync(path, ({ size }) => {
    if (size <= limits.profileBytes) return;
    throw new Error(`it has ${size} bytes; profiles up to ${limits.profileBytes} are read`);
  });
  return bytes.toString('utf8');
}

/** What Fast DDS makes of a file that is not read here, to stand behind the reason. */
function consequenceOf(path: string, error: unknown): string {
  if (isPipe(path)) return ', and every ROS process waits for it';
  // Of what only we refuse it may read something.
  return (error as NodeJS.ErrnoException).code === undefined ? '' : ', and Fast DDS goes on without it';
}

/**
 * Judges the profile that Fast DDS reads, which goes on without one that it cannot read.
 *
 * @param env As `applySharedMemoryEnv` left it.
 * @param root Of the file system in which a profile of the user's lies whose path is absolute.
 */
export function judgeProfileInForce(env: NodeJS.ProcessEnv, root = '/'): ProfileFinding {
  const { read, other } = profileNameIn(env);
  const path = env[read] ?? '';
  if (path === '') {
    const found = `${other} is set, but Fast DDS reads ${read} here: no profile is in force`;
    return {
      outcome: 'warning',
      found,
      remedy: `set ${read} too, or unset ${other} to get the built-in profile`,
    };
  }
  const isUsers = path !== sharedMemoryProfilePath(env);
  const shown = isUsers ? `${read}=${path}` : `built-in (${path})`;
  // Fast DDS, too, takes a path without a slash before it from where the process runs.
  const file = isUsers && isAbsolute(path) ? join(root, path) : path;
  let text: string;
  try {
    text = readProfile(file);
  } catch (error) {
    const found = `${shown}: the file ${readFault(error)}${consequenceOf(file, error)}`;
    return {
      outcome: 'fault',
      found,
      remedy: `correct the path, or unset ${read} to get the built-in profile`,
    };
  }
  const wrong = judgeProfile(text, isLocalhostOnly(env));
  if (wrong !== null) {
    const { isFault, found, remedy } = wrong;
    return { outcome: isFault ? 'fault' : 'warning', found: `${shown}: ${found}`, remedy };
  }
  const found = isUsers ? `${shown}: it shares data, and has room for the outputs` : 'built-in';
  return { outcome: 'ok', found, remedy: null };
}

/**
 * Throws ConfigError `profile` for a pipe in the place of the profile: Fast DDS would wait for it without a word while the context
 * is made, and reads nothing of it where somebody writes.
 *
 * @param env As `applySharedMemoryEnv` left it.
 */
export function refuseHangingProfile(env: NodeJS.ProcessEnv = process.env): void {
  const { read } = profileNameIn(env);
  const path = env[read] ?? '';
  if (!isPipe(path)) return;
  throw new ConfigError(
    'profile',
    `${read}=${path} is a pipe, for which Fast DDS waits: correct the path, or unset ${read} to get the built-in profile`,
    { path },
  );
}
