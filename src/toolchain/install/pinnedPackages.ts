import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A package by name and version. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
}

/** The packages of the toolchain, each by version and hash, as pip reads them. */
export const requirementsPath = fileURLToPath(
  new URL('../../../tools/toolchain/requirements.txt', import.meta.url),
);

/** The vendor's own packages; the others are what these need. */
export const vendorPackages = ['rdkx5-yolo-mapper', 'dgdk', 'dg-nn-toolkit'] as const;

/** One name for the spellings that Python takes for the same package. */
export function packageName(spelling: string): string {
  return spelling.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Every package of the toolchain with the version that is installed. */
export function readPinnedPackages(): PinnedPackage[] {
  const lines = readFileSync(requirementsPath, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const match = /^([\w.-]+)==(\S+)/.exec(line);
    return match === null ? [] : [{ name: packageName(match[1]!), version: match[2]! }];
  });
}
