import { judgeProfileInForce } from '../ros2/profileInForce.js';
import { applySharedMemoryEnv } from '../ros2/sharedMemoryEnv.js';
import { type Check, warning } from './check.js';
import type { Machine } from './machine.js';

const id = 'shm.profile';

/** `unset A and B to ...` */
export function unsetRemedy(names: readonly string[]): string {
  return `unset ${names.join(' and ')}, here and for the camera, to get the built-in settings`;
}

/** Judges the variables of shared memory and the file that they name, as Fast DDS will read them; changes neither. */
export function checkProfile({ root, env }: Machine): Check {
  // A copy: the check must not set what the user did not.
  const applied = { ...env };
  const { enabled, offBy, log } = applySharedMemoryEnv(applied);
  const lines = log.map((line) => line.replace(/^shared memory: /, ''));
  const details = { enabled, log: lines };
  if (enabled) return { id, ...judgeProfileInForce(applied, root), details };
  const values = offBy.map((name) => `${name}=${env[name]}`).join(' and ');
  return warning(
    id,
    `off by ${values}: frames are copied, and large ones may be lost`,
    unsetRemedy(offBy),
    details,
  );
}
