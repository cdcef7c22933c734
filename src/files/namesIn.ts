import { readdirSync } from 'node:fs';
import { byName } from '../core/words.js';

/** Names in a folder of the system, in the order of the numbers in them; none where there is no such folder. */
export function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort(byName);
  } catch {
    return [];
  }
}
