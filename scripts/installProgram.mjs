#!/usr/bin/env node
// Usage: node scripts/installProgram.mjs FOLDER     copies the set-up program, without its sources, into FOLDER
//
// For `colcon build`: FOLDER is lib/rdk_yolo_seg/app below the install space, and share/rdk_yolo_seg has models and config.
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import {
  buildTools,
  directDependencies,
  isInstalledHere,
  isNeededToRun,
  packagesNeededBy,
} from './package/npmPackages.mjs';
import { findRos } from './rosEnv.mjs';
import { describeFailure } from './setup/exec.mjs';
import { installMissingInterfaces } from './setup/interfaces.mjs';
import { root } from './setup/paths.mjs';

/** @returns {string[]} folders of the packages that the program needs when it runs, relative to the checkout */
function runTimePackages() {
  // The addons are compiled by then.
  const isOnlyForBuilding = (/** @type {string} */ path) => buildTools.includes(basename(path));
  const names = directDependencies().filter((name) => !isOnlyForBuilding(name));
  return packagesNeededBy(names, process).filter((path) => isInstalledHere(path) && !isOnlyForBuilding(path));
}

/** @param {string} path relative to the checkout, from the last node_modules on */
function isNeeded(path) {
  // The loader compares this header with the one that the addon was compiled against.
  if (/^node_modules\/rclnodejs\/src(\/rcl_handle\.h)?$/.test(path)) return true;
  if (/^node_modules\/rclnodejs\/(prebuilds|src|build\/Release\/obj\.target)(\/|$)/.test(path)) return false;
  return isNeededToRun(path, process);
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
