#!/usr/bin/env node
// The ROS 2 environment of this checkout: the sourced installation, or one from wheels in .ros, plus the overlay.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { paths, root, stateDir, wheelsDistro } from './setup/paths.mjs';

/**
 * @typedef {{ kind: 'sourced' | 'wheels', distro: string, prefixes: string[] }} RosInstallation
 * `prefixes` are the ament prefixes without this checkout's overlay.
 */

/** @param {string | undefined} value */
const split = (value) => (value ?? '').split(delimiter).filter(Boolean);

/**
 * @param {string} folder
 * @param {RegExp} pattern
 */
function subfolders(folder, pattern) {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/**
 * Python package folders below an ament prefix (Debian's Python adds `local` and calls them dist-packages).
 *
 * @param {string} prefix
 */
function pythonFolders(prefix) {
  return [join(prefix, 'lib'), join(prefix, 'local', 'lib')]
    .flatMap((lib) => subfolders(lib, /^python3\.\d+$/))
    .flatMap((python) => subfolders(python, /^(site|dist)-packages$/));
}

/** @param {string} prefix */
const hasRcl = (prefix) => existsSync(join(prefix, 'include', 'rcl'));

/**
 * The prefixes whose rcl native code is compiled against: another workspace on top of them changes nothing in it.
 * @param {RosInstallation | undefined} ros
 */
export const rclPrefixes = (ros) => ros?.prefixes.filter(hasRcl);

/**
 * The ROS 2 that the given environment has sourced, if it has rcl and is not the one of this checkout.
 * @param {NodeJS.ProcessEnv} env
 * @returns {RosInstallation | undefined}
 */
export function sourcedRos(env) {
  const prefixes = split(env.AMENT_PREFIX_PATH).filter((prefix) => !prefix.startsWith(stateDir));
  if (!env.ROS_DISTRO || !prefixes.some(hasRcl)) return undefined;
  return { kind: 'sourced', distro: env.ROS_DISTRO, prefixes };
}

/**
 * The ROS 2 from wheels in this checkout, if set-up has installed it completely.
 * @returns {RosInstallation | undefined}
 */
export function wheelsRos() {
  if (!existsSync(join(paths.stamps, 'ros')) || !existsSync(paths.wheels)) return undefined;
  return { kind: 'wheels', distro: wheelsDistro, prefixes: [paths.wheels] };
}

/**
 * The ROS 2 that everything here uses: the sourced one first, else the wheels.
 * @param {NodeJS.ProcessEnv} [env]
 */
export function findRos(env = process.env) {
  return sourcedRos(env) ?? wheelsRos();
}

/**
 * What has to be added to an environment: fixed values, defaults, and folders to put in front of search paths.
 * @param {RosInstallation} ros
 * A default gives way to what the user has set: a middleware that is not here is refused by name then, not replaced.
 * @returns {{ set: Record<string, string>, defaults: Record<string, string>, prepend: Record<string, string[]> }}
 */
export function environmentOf(ros) {
  const own = ros.kind === 'wheels' ? ros.prefixes : [];
  const prefixes = [paths.overlay, ...own];
  const python = own.flatMap(pythonFolders);
  return {
    set:
      ros.kind === 'sourced'
        ? {}
        : {
            ROS_DISTRO: ros.distro,
            ROS_VERSION: '2',
            ROS_PYTHON_VERSION: '3',
            // The wheels' .pth file would otherwise start Python a second time to set LD_LIBRARY_PATH.
            _ROS_WHEELS_BOOTSTRAP_COMPLETE: '1',
          },
    defaults: ros.kind === 'sourced' ? {} : { RMW_IMPLEMENTATION: 'rmw_fastrtps_cpp' },
    prepend: {
      AMENT_PREFIX_PATH: prefixes,
      CMAKE_PREFIX_PATH: prefixes,
      LD_LIBRARY_PATH: [
        ...prefixes.map((prefix) => join(prefix, 'lib')),
        ...python.flatMap((folder) => subfolders(folder, /^ros_.*\.libs$/)),
      ],
      PYTHONPATH: [...pythonFolders(paths.overlay), ...python],
      PATH: [join(paths.overlay, 'bin'), ...own.map((prefix) => join(prefix, 'bin'))],
    },
  };
}

/**
 * Complete environment for child processes that use ROS 2.
 * @param {RosInstallation | undefined} [ros] default: what {@link findRos} finds
 * @param {NodeJS.ProcessEnv} [base]
 * @returns {NodeJS.ProcessEnv} a copy of `base`, extended where there is a ROS 2
 */
export function rosEnv(ros = findRos(), base = process.env) {
  const env = { ...base };
  if (!ros) return env;
  const { set, defaults, prepend } = environmentOf(ros);
  Object.assign(env, set);
  for (const [name, value] of Object.entries(defaults)) env[name] ||= value;
  for (const [name, folders] of Object.entries(prepend)) {
    const rest = split(env[name]).filter((folder) => !folders.includes(folder));
    env[name] = [...folders, ...rest].join(delimiter);
  }
  return env;
}

/** @param {string} text */
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Shell line that puts folders in front of a search path, unless the first of them is in there already.
 *
 * @param {string} name
 * @param {readonly string[]} folders at least one
 */
function prependLine(name, folders) {
  const value = quote(folders.join(delimiter));
  const first = quote(folders[0]);
  return `  case ":\${${name}:-}:" in *:${first}:*) ;; *) export ${name}=${value}"\${${name}:+:$${name}}" ;; esac`;
}

/**
 * The same environment as a POSIX shell script; set-up writes it to `.ros/setup.sh`.
 * @param {RosInstallation} ros
 */
export function rosEnvScript(ros) {
  const { set, defaults, prepend } = environmentOf(ros);
  const other =
    ros.kind === 'wheels'
      ? `[ -n "\${ROS_DISTRO:-}" ] && [ "$ROS_DISTRO" != ${ros.distro} ]`
      : `[ "\${ROS_DISTRO:-}" != ${ros.distro} ]`;
  const [whole, command] = existsSync(join(root, 'scripts', 'setup.mjs'))
    ? ['checkout', 'npm run setup']
    : ['package', 'rdk-yolo-seg-prepare'];
  const advice =
    ros.kind === 'wheels'
      ? `this ${whole} was set up for its own ROS 2 ${ros.distro}: run ${command} for the sourced one, or use a new shell`
      : `this ${whole} was set up for ROS 2 ${ros.distro}: source it first, or run ${command} again`;
  return [
    `# Written by \`${command}\`; source it to use ROS 2 with this ${whole}.`,
    `if ${other}; then`,
    `  echo ${quote(`rdk-yolo-seg: ${advice}`)} >&2`,
    'else',
    ...Object.entries(set).map(([name, value]) => `  export ${name}=${quote(value)}`),
    ...Object.entries(defaults).map(([name, value]) => `  export ${name}="\${${name}:-${value}}"`),
    ...Object.entries(prepend)
      .filter(([, folders]) => folders.length > 0)
      .map(([name, folders]) => prependLine(name, folders)),
    'fi',
    '',
  ].join('\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const ros = findRos();
  if (!ros) {
    console.error('no ROS 2 here: run `npm run setup`, or source an installation first');
    process.exitCode = 1;
  } else {
    process.stdout.write(rosEnvScript(ros));
  }
}
