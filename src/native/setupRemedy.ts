import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What mends an installation, in words for messages. */
export interface SetupRemedies {
  /** Makes the parts that depend on ROS where they are missing. */
  readonly setup: string;
  /** Replaces those that are there and do not fit each other. */
  readonly reinstall: string;
  /** Where the machine has no ROS 2. */
  readonly installRos: string;
  /** Where the shell has none. */
  readonly sourceRos: string;
}

/** How the program in `bin` of a package can be called: by its name where dpkg has linked it. */
function prepareCommand(program: string, link: string): string {
  try {
    if (realpathSync(link) === realpathSync(program)) return 'sudo rdk-yolo-seg-prepare';
  } catch {
    // Unpacked, not installed.
  }
  return program;
}

/**
 * Remedies for a program that lies in `home`: an installed package (docs/install.md), a checkout, or what colcon installed.
 *
 * @internal Exported for tests.
 */
export function remediesAt(home: string, link = '/usr/bin/rdk-yolo-seg-prepare'): SetupRemedies {
  const program = join(home, 'bin', 'rdk-yolo-seg-prepare');
  if (existsSync(program)) {
    const setup = prepareCommand(program, link);
    return {
      setup,
      reinstall: 'install the package rdk-yolo-seg again',
      installRos: `${setup} names the apt packages that are missing`,
      sourceRos: 'source ROS 2',
    };
  }
  if (existsSync(join(home, 'scripts', 'setup.mjs'))) {
    return {
      setup: 'npm run setup',
      reinstall: 'npm ci, then npm run setup',
      installRos: 'npm run setup',
      sourceRos: 'source ROS 2 (source .ros/setup.bash for the one that set-up installed)',
    };
  }
  const setup =
    'source the ROS 2 that this was built for, or build the package rdk_yolo_seg again (colcon build)';
  return { setup, reinstall: setup, installRos: setup, sourceRos: 'source ROS 2' };
}

/** Those for this program. */
export const remedies = remediesAt(fileURLToPath(new URL('../../', import.meta.url)));
