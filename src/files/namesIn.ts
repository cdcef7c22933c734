import { readdirSync } from 'node:fs';

const compare = new Intl.Collator('en', { numeric: true }).compare;

/** Names in a folder of the system, in the order of the numbers in them; none where there is no such folder. */
export function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort(compare);
  } catch {
    return [];
  }
}
