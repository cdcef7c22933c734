import { SetupError } from '../setup/exec.mjs';

/**
 * The name of a test as vitest lists it, `group > test`, in the form in which it compares it with a pattern.
 *
 * @param {string} listed
 */
export const patternName = (listed) => listed.replaceAll(' > ', ' ');

/**
 * Throws SetupError for a name that is no part of a target's: nothing would be tried, and that would pass.
 *
 * @param {readonly string[]} names of `native/` whole, else parts of them
 * @param {readonly string[]} targets by their whole names
 */
export function refuseUnknownTargets(names, targets) {
  const isNative = (/** @type {string} */ name) => name.startsWith('native/');
  for (const name of names) {
    const alike = targets.filter((target) => isNative(target) === isNative(name));
    if (alike.some((target) => (isNative(name) ? target === name : target.includes(name)))) continue;
    throw new SetupError(`no target ${name}; there are: ${alike.join(', ')}`);
  }
}
