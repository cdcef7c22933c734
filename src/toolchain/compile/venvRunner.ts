import { join } from 'node:path';
import type { ToolchainState } from '../install/toolchainFolder.js';
import { vendorPackages } from '../install/pinnedPackages.js';
import { runGroup } from '../process/processGroup.js';
import type { ToolRunner } from './toolRunner.js';

/** The tools of a virtual environment, which start each other by name and so need it on the path. */
export function venvRunner({ folder, packages }: ToolchainState): ToolRunner {
  const { PYTHONPATH, PYTHONHOME, ...rest } = process.env;
  const bin = join(folder, 'bin');
  const env = { ...rest, PATH: `${bin}:${rest.PATH ?? ''}`, PYTHONNOUSERSITE: '1', PYTHONUNBUFFERED: '1' };
  const vendors = packages.filter(({ name }) => vendorPackages.some((one) => one === name));
  const versions = vendors.map(({ name, version }) => `${name} ${version}`).sort();
  return {
    identity: versions.join(', '),
    run: ({ tool, args, cwd, signal, onText }) =>
      runGroup({
        command: join(bin, 'python'),
        args: [join(bin, tool), ...args],
        cwd,
        env,
        signal,
        onText,
      }),
  };
}
