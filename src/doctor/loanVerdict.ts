import { stripVTControlCharacters } from 'node:util';
import type { Check } from './check.js';
import type { ProbeEnd } from './runProbe.js';

/** The first complaint that Fast DDS has about a profile; null where it has none. Its words are all that it gives: it goes on. */
function complaintOf(output: string): string | null {
  const complaint = /\[XMLPARSER Error\] (.*?)(?: -> Function|$)/m;
  return complaint.exec(stripVTControlCharacters(output))?.[1] ?? null;
}

/**
 * What the probe of a loan says of the profile in force: where `shm.profile` is a fault, that one is to blame for others; else Fast DDS
 * may have refused what is well formed and asks for all that is needed.
 *
 * @param ros The checks of the environment.
 */
export function judgeLoan({ checks, output }: ProbeEnd, ros: readonly Check[]): Check[] {
  const isProfileFaulty = ros.some(({ id, outcome }) => id === 'shm.profile' && outcome === 'fault');
  const complaint = isProfileFaulty ? null : complaintOf(output);
  return checks.map((check): Check => {
    if (isProfileFaulty && check.outcome === 'fault')
      return { ...check, remedy: 'mend first what shm.profile says' };
    if (complaint === null) return check;
    return {
      ...check,
      outcome: 'fault',
      found: `${check.found}; but Fast DDS drops the profile that shm.profile names, or a part of it: ${complaint}`,
      remedy: 'mend the profile, or unset its variable to get the built-in one',
      details: { ...check.details, complaint },
    };
  });
}
