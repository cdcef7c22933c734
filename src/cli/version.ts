import { readFileSync } from 'node:fs';

const packageUrl = new URL('../../package.json', import.meta.url);

/** The version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageUrl, 'utf8')) as { version: string };
  return version;
}
