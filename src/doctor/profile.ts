/** Whether the environment turns shared memory on, and what the profile in force holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFault } from '../files/fault.js';
import { applySharedMemoryEnv, profileNameIn, isLocalhostOnly } from '../ros2/sharedMemoryEnv.js';
import { type Check, fault, ok, warning } from './check.js';
import type { Machine } from './machine.js';
import { judgeProfile } from './profileFile.js';

const id = 'shm.profile';

/** `unset A and B to ...` */
export function unsetRemedy(names: readonly string[]): string {
  return `unset ${names.join(' and ')}, here and for the camera, to get the built-in settings`;
}

/** Judges the variables and the file that they name, as Fast DDS will read them; changes neither. */
export function checkProfile({ root, env }: Machine): Check {
  // A copy: the check must not set what the user did not.
  const applied = { ...env };
  const { enabled, offBy, log } = applySharedMemoryEnv(applied);
  const lines = log.map((line) => line.replace(/^shared memory: /, ''));
  const details = { enabled, log: lines };
  if (!enabled) {
    const values = offBy.map((name) => `${name}=${env[name]}`).join(' and ');
    return warning(
      id,
      `off by ${values}: frames are copied, and large ones may be lost`,
      unsetRemedy(offBy),
      details,
    );
  }
  const { read, other } = profileNameIn(applied);
  const path = applied[read] ?? '';
  if (path === '') {
    const found = `${other} is set, but Fast DDS reads ${read} here: no profile is in force`;
    return warning(id, found, `set ${read} too, or unset ${other} to get the built-in profile`, details);
  }
  const isUsers = (env[read] ?? '') !== '';
  const shown = isUsers ? `${read}=${path}` : `built-in (${path})`;
  let text: string;
  try {
    text = readFileSync(isUsers ? join(root, path) : path, 'utf8');
  } catch (error) {
    const found = `${shown}: the file ${readFault(error)}, and Fast DDS goes on without it`;
    return fault(id, found, `correct the path, or unset ${read} to get the built-in profile`, details);
  }
  const wrong = judgeProfile(text, isLocalhostOnly(env));
  if (wrong !== null) {
    return (wrong.isFault ? fault : warning)(id, `${shown}: ${wrong.found}`, wrong.remedy, details);
  }
  return ok(id, isUsers ? `${shown}: it shares data, and has room for the outputs` : 'built-in', details);
}
