import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFault } from '../files/fault.js';
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

/**
 * Judges the profile that Fast DDS reads, which goes on without one that it cannot read.
 *
 * @param env As `applySharedMemoryEnv` left it.
 * @param root Of the file system in which a profile of the user's lies.
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
  let text: string;
  try {
    text = readFileSync(isUsers ? join(root, path) : path, 'utf8');
  } catch (error) {
    const found = `${shown}: the file ${readFault(error)}, and Fast DDS goes on without it`;
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
