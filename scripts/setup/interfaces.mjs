import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { findRos, rosEnv } from '../rosEnv.mjs';
import { run, SetupError } from './exec.mjs';
import { paths, root } from './paths.mjs';
import { clearStamp, hashOf, listFiles, readStamp, stampPath, writeStamp } from './stamp.mjs';
import { which } from './toolchain.mjs';

/**
 * @typedef {{ folder: string, onlyIfMissing?: boolean, alsoFrom?: string[], noInterfaces?: boolean }} Package
 * @typedef {import('../rosEnv.mjs').RosInstallation} RosInstallation
 */

/**
 * Built in this order; a compat package only where the ROS installation does not have it.
 *
 * @type {Package[]}
 */
const PACKAGES = [
  { folder: 'ros/rdk_yolo_seg_msgs' },
  { folder: 'ros/compat/hbm_img_msgs', onlyIfMissing: true },
  { folder: 'ros/compat/ai_msgs', onlyIfMissing: true },
  { folder: 'ros/compat/vision_msgs', onlyIfMissing: true },
  { folder: 'ros/compat/foxglove_msgs', onlyIfMissing: true },
  { folder: 'ros/rdk_yolo_seg', alsoFrom: ['launch', 'config', 'assets/models'], noInterfaces: true },
];

const overlayStamp = stampPath('overlay');
/** @param {Package} item */
const nameOf = (item) => basename(item.folder);
/** @param {Package} item */
const buildFolder = (item) => join(paths.build, nameOf(item));
/** @param {Package} item */
const stampOf = (item) => stampPath(`package-${nameOf(item)}`);

/**
 * Identifies the ROS installation that the overlay was built for.
 *
 * @param {RosInstallation} ros
 */
const underlay = (ros) => hashOf([], ros.distro, ros.prefixes, root);

/**
 * @param {RosInstallation} ros
 * @param {string} name
 */
function isInstalled(ros, name) {
  return ros.prefixes.some((prefix) => existsSync(join(prefix, 'share', name, 'package.xml')));
}

/**
 * @param {RosInstallation} ros
 * @param {Package} item
 */
const isWanted = (ros, item) => !item.onlyIfMissing || !isInstalled(ros, nameOf(item));

/**
 * @param {RosInstallation} ros
 * @param {Package} item
 */
function hashOfPackage(ros, item) {
  const entries = [item.folder, ...(item.alsoFrom ?? [])].map((path) => join(root, path));
  return hashOf(listFiles(entries), underlay(ros));
}

/**
 * @param {RosInstallation} ros
 * @param {Package} item
 */
const isBuilt = (ros, item) => readStamp(stampOf(item)) === hashOfPackage(ros, item);

/** @param {RosInstallation} ros */
function leftOvers(ros) {
  return PACKAGES.filter((item) => !isWanted(ros, item) && existsSync(stampOf(item)));
}

/** @returns {boolean} whether the overlay has every package it should have, built from the present sources */
export function interfacesAreCurrent() {
  const ros = findRos();
  if (!ros || readStamp(overlayStamp) !== underlay(ros) || leftOvers(ros).length > 0) return false;
  return PACKAGES.every((item) => !isWanted(ros, item) || isBuilt(ros, item));
}

/**
 * Identifies the set of interfaces in ROS and overlay, to know when message classes must be generated again.
 * @returns {string}
 */
export function interfacesKey() {
  const ros = findRos();
  if (!ros) return 'no ROS';
  const listed = ros.prefixes.map((prefix) => {
    const index = join(prefix, 'share', 'ament_index', 'resource_index', 'rosidl_interfaces');
    return existsSync(index) ? readdirSync(index) : [];
  });
  const own = PACKAGES.filter((item) => !item.noInterfaces && isWanted(ros, item));
  return hashOf(
    [],
    underlay(ros),
    listed,
    own.map((item) => readStamp(stampOf(item)) ?? 'missing'),
  );
}

/**
 * Takes a package out of the overlay again, by the list that its installation left.
 *
 * @param {Package} item
 */
function uninstall(item) {
  clearStamp(stampOf(item));
  const manifest = join(buildFolder(item), 'install_manifest.txt');
  if (existsSync(manifest)) {
    for (const file of readFileSync(manifest, 'utf8').split('\n').filter(Boolean))
      rmSync(file, { force: true });
  }
  rmSync(buildFolder(item), { recursive: true, force: true });
}

/**
 * @param {RosInstallation} ros
 * @param {Package} item
 * @param {boolean | undefined} verbose
 */
async function build(ros, item, verbose) {
  const name = nameOf(item);
  const env = rosEnv(ros);
  const options = { log: `package-${name}`, env, verbose, remedy: remedyFor(ros) };
  const python = ros.kind === 'wheels' ? join(paths.wheels, 'bin', 'python') : which('python3');
  uninstall(item);
  try {
    await run(
      'cmake',
      [
        ...['-S', join(root, item.folder), '-B', buildFolder(item)],
        ...(which('ninja') ? ['-G', 'Ninja'] : []),
        '-DCMAKE_BUILD_TYPE=Release',
        `-DCMAKE_INSTALL_PREFIX=${paths.overlay}`,
        '-DBUILD_TESTING=OFF',
        `-DPython3_EXECUTABLE=${python}`,
        ...(item.noInterfaces ? ['-DRDK_YOLO_SEG_LINK=ON'] : []),
      ],
      options,
    );
    const jobs = String(availableParallelism());
    await run('cmake', ['--build', buildFolder(item), '--parallel', jobs], { ...options, append: true });
    await run('cmake', ['--install', buildFolder(item)], { ...options, append: true });
  } catch (error) {
    uninstall(item);
    throw error;
  }
  writeStamp(stampOf(item), hashOfPackage(ros, item));
}

/** @param {RosInstallation} ros */
const remedyFor = (ros) =>
  ros.kind === 'wheels'
    ? 'delete .ros and run again; if it fails again, the output above tells which tool or header is missing'
    : `sudo apt-get install ros-${ros.distro}-rosidl-default-generators ros-${ros.distro}-ament-cmake ros-${ros.distro}-common-interfaces`;

/**
 * Builds the interface packages that the ROS installation lacks into `.ros/overlay`.
 * @param {{ verbose?: boolean | undefined, say: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function installInterfaces({ verbose, say }) {
  const ros = findRos();
  if (!ros) throw new SetupError('no ROS 2 to build the interface packages for', { remedy: 'npm run setup' });
  if (readStamp(overlayStamp) !== underlay(ros)) {
    for (const item of PACKAGES) clearStamp(stampOf(item));
    rmSync(paths.overlay, { recursive: true, force: true });
    rmSync(paths.build, { recursive: true, force: true });
    writeStamp(overlayStamp, underlay(ros));
  }
  for (const item of leftOvers(ros)) uninstall(item);
  const todo = PACKAGES.filter((item) => isWanted(ros, item) && !isBuilt(ros, item));
  say(`building ${todo.map(nameOf).join(', ')}`);
  // Configuring keeps one core busy only: let a second package compile meanwhile.
  const queue = [...todo];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) await build(ros, item, verbose);
  };
  const results = await Promise.allSettled([worker(), worker()]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return `${todo.length} packages in .ros/overlay`;
}

/**
 * Installs the interface packages that the ROS installation lacks into another prefix, as they were built.
 * @param {string} prefix
 */
export async function installMissingInterfaces(prefix) {
  const ros = findRos();
  if (!ros) return;
  const missing = PACKAGES.filter((item) => item.onlyIfMissing && isWanted(ros, item));
  for (const [i, item] of missing.entries()) {
    const args = ['--install', buildFolder(item), '--prefix', prefix];
    await run('cmake', args, { log: 'install-interfaces', env: rosEnv(ros), append: i > 0 });
  }
}
