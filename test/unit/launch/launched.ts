import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/** Folder of the stub of ROS 2's launch. */
export const launchStub = path('test/launchStub');

/** A process that a launch file starts. */
export interface Started {
  readonly package: string;
  readonly executable: string;
  readonly name: string | null;
  readonly namespace: string | null;
  readonly parameters: readonly (string | Record<string, unknown>)[];
  readonly remappings: readonly [string, string][];
  readonly arguments: readonly string[];
  /** What groups around it put before its namespace, and their remappings. */
  readonly scope: { readonly namespace: string; readonly remaps: readonly [string, string][] };
  /** FASTRTPS_DEFAULT_PROFILES_FILE when it is started. */
  readonly profile: string;
}

/** Runs a launch file of ours against the stub; throws what it throws. */
export function launched(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { readonly started: readonly Started[]; readonly log: readonly string[] } {
  const command = [path('test/launchStub/run.py'), path(`launch/${file}`), ...args];
  const clean = {
    CAM_TYPE: '',
    AMENT_PREFIX_PATH: '',
    ROS_DISTRO: 'humble',
    FASTRTPS_DEFAULT_PROFILES_FILE: undefined,
  };
  return JSON.parse(
    execFileSync('python3', command, {
      encoding: 'utf8',
      env: { ...process.env, ...clean, PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** The processes that it starts, in order. */
export const started = (file: string, args: readonly string[], env?: NodeJS.ProcessEnv) =>
  launched(file, args, env).started;
