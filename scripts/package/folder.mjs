import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../setup/paths.mjs';
import { aptPackages } from './aptPackages.mjs';
import { fetchedNpmPackage } from './fetched.mjs';
import { isInstalledHere, isNeededToRun, lockedPackages } from './npmPackages.mjs';
import { packagesOf } from './parts.mjs';

/** @typedef {import('./targets.mjs').Target} Target */

/** Sources, maps, and what other runs left. */
const needless = /\/(__pycache__|COLCON_IGNORE)$|\.(map|d\.ts|pyc)$/;

/**
 * Whether a file or folder of rclnodejs goes into a package: its addon for the target's ROS, and what compiles it anew where
 * that does not fit, but nothing that was compiled or generated for this machine.
 *
 * @param {string} path relative to the package's folder
 * @param {Target} target
 * @internal Exported for tests.
 */
export function isNeededOfRclnodejs(path, { architecture, distribution }) {
  if (/^(build|generated)(\/|$)|^\.rdk-yolo-seg/.test(path)) return false;
  const prebuild = /^prebuilds\/([^/]+)(?:\/(.+))?$/.exec(path);
  if (!prebuild) return true;
  const [, machine, file] = prebuild;
  if (machine !== `linux-${architecture.node}`) return false;
  return file === undefined || (file.startsWith(`${distribution.distro}-`) && file.includes('-node-'));
}

/**
 * @param {string} lockPath
 * @param {Target} target
 * @param {string} folder
 */
export async function copyPackage(lockPath, target, folder) {
  const machine = { platform: 'linux', arch: target.architecture.node };
  // Where it is installed, set-up has compared it with the lock file.
  let from = join(root, lockPath);
  if (!isInstalledHere(lockPath)) {
    const { version = '', integrity = '' } = lockedPackages[lockPath] ?? {};
    const name = lockPath.slice(lockPath.lastIndexOf('node_modules/') + 'node_modules/'.length);
    from = await fetchedNpmPackage({ name, version, integrity });
  }
  const inner = lockPath.slice(lockPath.lastIndexOf('node_modules/'));
  // Some state their licence, and those of what they contain, there alone.
  const tellsLicence = !readdirSync(from).some((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  cpSync(from, join(folder, lockPath), {
    recursive: true,
    dereference: true,
    filter: (source) => {
      const path = relative(from, source);
      if (lockPath === 'node_modules/rclnodejs' && !isNeededOfRclnodejs(path, target)) return false;
      if (tellsLicence && /^readme[^/]*$/i.test(path)) return true;
      return isNeededToRun(join(inner, path), machine);
    },
  });
}

/**
 * Makes the folder of a part.
 *
 * @param {import('./parts.mjs').Part} part
 * @param {Target} target
 * @param {string} folder
 */
export async function makePartFolder(part, target, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of part.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), {
      recursive: true,
      filter: (source) => !needless.test(source),
    });
  }
  const machine = { platform: 'linux', arch: target.architecture.node };
  for (const path of packagesOf(part, machine)) await copyPackage(path, target, folder);
}

/**
 * The programs of the base part that know which ROS it is for.
 *
 * @param {Target} target
 * @param {string} folder
 */
export function writeStartPrograms({ distribution }, folder) {
  const { distro } = distribution;
  for (const [name, place, mode] of /** @type {const} */ ([
    ['ros.sh', 'bin/ros.sh', 0o644],
    ['prepare.sh', 'bin/rdk-yolo-seg-prepare', 0o755],
  ])) {
    const text = readFileSync(join(root, 'scripts', 'package', name), 'utf8');
    writeFileSync(
      join(folder, place),
      text.replaceAll('@ROS_DISTRO@', distro).replaceAll('@APT_PACKAGES@', aptPackages(distro).join(' ')),
    );
    chmodSync(join(folder, place), mode);
  }
  if (!existsSync(join(folder, 'dist', 'cli', 'main.js'))) throw new Error('dist has no cli/main.js');
}
