import { readFileSync } from 'node:fs';

const packageUrl = new URL('../../package.json', import.meta.url);

/** As package.json says it, such as `0.1.0`. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageUrl, 'utf8')) as { version: string };
  return version;
}
