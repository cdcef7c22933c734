#!/usr/bin/env node
// Usage: node scripts/installProgram.mjs FOLDER     copies the set-up program, without its sources, into FOLDER
//
// For `colcon build`: FOLDER is lib/rdk_yolo_seg/app below the install space, and share/rdk_yolo_seg has models and config.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { findRos } from './rosEnv.mjs';
import { describeFailure } from './setup/index.mjs';
import { installMissingInterfaces } from './setup/interfaces.mjs';
import { root } from './setup/paths.mjs';

/** Compile the addons, which is done by then. */
const FOR_BUILDING = ['cmake-js', 'node-addon-api', 'node-api-headers'];

/**
 * Folders of the packages that the program needs when it runs, as the lock file lists them.
 *
 * @returns {string[]} relative to the checkout
 */
function runTimePackages() {
  /** @type {Record<string, { dev?: boolean }>} */
  const packages = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !FOR_BUILDING.includes(basename(path)))
    .map(([path]) => path)
    .filter((path) => existsSync(join(root, path)));
}

/** Packages carry parts for other systems and what they were compiled from. */
const NEEDLESS = [
  /\.(d\.[cm]?ts|map|md|markdown|o|d)$/,
  /^node_modules\/rclnodejs\/(prebuilds|src|build\/Release\/obj\.target)(\/|$)/,
  // Nested ones have entries of their own in the lock file.
  /^node_modules\/.+\/node_modules(\/|$)/,
];

/** @param {string} path relative to the checkout */
function isNeeded(path) {
  // The loader compares this header with the one that the addon was compiled against.
  if (/^node_modules\/rclnodejs\/src(\/rcl_handle\.h)?$/.test(path)) return true;
  const runtime = /^node_modules\/onnxruntime-node\/bin\/[^/]+\/([^/]+)(?:\/([^/]+))?/.exec(path);
  if (runtime) {
    const [, platform, arch = process.arch] = runtime;
    return platform === process.platform && arch === process.arch;
  }
  return !NEEDLESS.some((pattern) => pattern.test(path));
}

/** @returns {string[]} the addons of this machine and this ROS, relative to the checkout */
function addons() {
  const ros = findRos();
  if (!ros) throw new Error('no ROS 2 to install the program for: source one, then build again');
  return ['core', `hbmem-${ros.distro}`].map((name) =>
    join('native', 'bin', `${name}-${process.platform}-${process.arch}.node`),
  );
}

/** @param {string} folder */
async function install(folder) {
  // What an earlier version installed must not be found by this one.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const single = ['bin', 'dist', 'package.json', 'LICENSE', 'assets/scenes', 'tools/toolchain', 'tools/eval'];
  for (const path of [...single, ...addons(), ...runTimePackages()]) {
    const from = join(root, path);
    // Nested packages are their own entries: the pattern against them starts above.
    const nested = path.lastIndexOf(`node_modules${sep}`);
    cpSync(from, join(folder, path), {
      recursive: true,
      dereference: true,
      filter: (source) => isNeeded(relative(root, source).slice(Math.max(0, nested))),
    });
  }
  const share = join(folder, '..', '..', '..', 'share', 'rdk_yolo_seg');
  for (const [path, target] of [
    ['config', 'config'],
    ['assets/models', 'models'],
  ]) {
    const link = join(folder, path);
    symlinkSync(relative(dirname(link), join(share, target)), link);
  }
  await installMissingInterfaces(join(folder, 'interfaces'));
}

const [folder] = process.argv.slice(2);
try {
  if (folder === undefined) throw new Error('usage: node scripts/installProgram.mjs FOLDER');
  await install(resolve(folder));
} catch (error) {
  console.error(`installProgram: ${describeFailure(error)}`);
  process.exitCode = 1;
}
