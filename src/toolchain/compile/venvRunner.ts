import { join } from 'node:path';
import { inTemporaryFolder } from '../process/temporaryFolder.js';
import type { ToolchainState } from '../install/toolchainFolder.js';
import { vendorPackages } from '../install/pinnedPackages.js';
import { isolatedPythonEnv } from '../install/python.js';
import { runGroup } from '../process/processGroup.js';
import type { ToolRunner } from './toolRunner.js';

/** The environment of the tools, which start each other by name and so need the folder of their programs on the path. */
export function venvEnv(folder: string): NodeJS.ProcessEnv {
  const env = isolatedPythonEnv(process.env);
  return { ...env, PATH: `${join(folder, 'bin')}:${env.PATH ?? ''}`, PYTHONUNBUFFERED: '1' };
}

/** The tools of a virtual environment. */
export function venvRunner({ folder, packages }: ToolchainState): ToolRunner {
  const bin = join(folder, 'bin');
  const env = venvEnv(folder);
  const vendors = packages.filter(({ name }) => vendorPackages.some((one) => one === name));
  const versions = vendors.map(({ name, version }) => `${name} ${version}`).sort();
  return {
    identity: versions.join(', '),
    run: ({ tool, args, ...call }) =>
      // Tools that are ended leave what they had there. The path is short: sockets are made in it.
      inTemporaryFolder((temporary) =>
        runGroup({
          command: join(bin, 'python'),
          args: tool === 'python' ? args : [join(bin, tool), ...args],
          env: { ...env, TMPDIR: temporary },
          ...call,
        }),
      ),
  };
}
