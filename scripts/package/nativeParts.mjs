import { copyFileSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findRos, rosEnv } from '../rosEnv.mjs';
import { run, SetupError } from '../setup/exec.mjs';
import { paths } from '../setup/paths.mjs';
import { which } from '../setup/toolchain.mjs';
import { copySharedLibraries, debianLibraries, librarySettings } from './debianLibraries.mjs';
import { cacheFolder } from './fetched.mjs';

/** @typedef {import('./targets.mjs').Target} Target */

/**
 * Compiles one of native's targets for another machine, or for this one with the target's libraries.
 *
 * @param {import('../setup/addons.mjs').AddonTarget} addon
 * @param {Target} target
 * @param {Record<string, string>} [settings] of CMake
 * @returns {Promise<string>} the folder with what was made
 */
async function compile(addon, { architecture, distribution }, settings = {}) {
  const { triple, processor, node } = architecture;
  if (!which(`${triple}-g++`)) {
    throw new SetupError(`no ${triple}-g++ to compile native/${addon} with`, {
      remedy: `sudo apt-get install g++-${triple.replace('_', '-')}`,
    });
  }
  const perDistro = addon === 'hbmem' ? `-${distribution.distro}` : '';
  const buildFolder = join(cacheFolder, 'build', `${addon}${perDistro}-${node}`);
  const binFolder = join(buildFolder, 'bin');
  const all = {
    RDK_TARGET: addon,
    RDK_BIN_DIR: binFolder,
    CMAKE_SYSTEM_NAME: 'Linux',
    CMAKE_SYSTEM_PROCESSOR: processor,
    CMAKE_C_COMPILER: `${triple}-gcc`,
    CMAKE_CXX_COMPILER: `${triple}-g++`,
    ...settings,
  };
  const cmakeJs = join(paths.nodeModules, 'cmake-js', 'bin', 'cmake-js');
  for (const command of ['configure', 'build']) {
    await run(
      process.execPath,
      [
        ...[cmakeJs, command, '-a', node, '-d', paths.native, '-O', buildFolder],
        ...['-p', String(availableParallelism())],
        ...Object.entries(all).map(([name, value]) => `--CD${name}=${value}`),
      ],
      { log: `package-${addon}`, env: rosEnv(), append: command === 'build' },
    );
  }
  return binFolder;
}

/**
 * Compiles what the package brings ready: the core, and the hbmem addon where the headers of its ROS are at hand.
 *
 * @param {Target} target
 * @param {string} folder that gets the addons
 */
export async function buildPackagedAddons(target, folder) {
  const { architecture, distribution } = target;
  const { sysroot, linked } = await debianLibraries(architecture);
  mkdirSync(folder, { recursive: true });
  /**
   * @param {string} name
   * @param {string} binFolder
   */
  const take = (name, binFolder) => {
    const file = `${name}-linux-${architecture.node}.node`;
    copyFileSync(join(binFolder, file), join(folder, file));
    return join(folder, file);
  };
  const files = [
    take('core', await compile('core', target, librarySettings(sysroot, architecture))),
    ...copySharedLibraries(sysroot, architecture, folder),
  ];
  const { distro } = distribution;
  const hasHbmem = findRos()?.distro === distro && architecture.node === process.arch;
  if (hasHbmem) {
    files.push(take(`hbmem-${distro}`, await compile('hbmem', target, { ROS_DISTRO_NAME: distro })));
  }
  for (const file of files) {
    await run(`${architecture.triple}-strip`, ['--strip-unneeded', file], { log: 'package-strip' });
  }
  return { linked, hasHbmem };
}

/**
 * Compiles the stand-in for libdnn for a target; for tests, no package has it.
 *
 * @param {Target} target
 */
export async function buildStandIn(target) {
  return join(await compile('fakednn', target), 'fakednn', 'libdnn.so');
}
