import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../setup/paths.mjs';

/**
 * @typedef {{ version?: string, resolved?: string, integrity?: string, license?: string, dev?: boolean, optional?: boolean,
 *   cpu?: string[], os?: string[], libc?: string[], dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ platform: string, arch: string }} Machine in the words of process.platform and process.arch
 */

/** @type {Record<string, LockEntry>} */
export const lockedPackages = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

/** Compile the addons. */
export const buildTools = ['cmake-js', 'node-addon-api', 'node-api-headers'];

/**
 * Whether a package is made for a machine; one that names none is made for all. C libraries other than glibc are left out:
 * no ROS 2 is made for them.
 *
 * @param {LockEntry} entry
 * @param {Machine} machine
 */
function fits({ cpu, os, libc }, { platform, arch }) {
  return (
    (cpu?.includes(arch) ?? true) && (os?.includes(platform) ?? true) && (libc?.includes('glibc') ?? true)
  );
}

/**
 * Where Node finds a package that another one asks for: in its own folder, else in the folders above.
 *
 * @param {string} from lock path of the package that asks
 * @param {string} name
 */
function resolveFrom(from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    if (basename(folder) === 'node_modules') continue;
    const path = folder === '.' || folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lockedPackages[path]) return path;
    if (folder === '.' || folder === '') return undefined;
  }
}

/**
 * Lock paths of packages and of all that they need on a machine, sorted.
 *
 * @param {readonly string[]} names of direct dependencies
 * @param {Machine} machine
 * @returns {string[]}
 */
export function packagesNeededBy(names, machine) {
  /** @type {Set<string>} */
  const found = new Set();
  /**
   * @param {string} from
   * @param {string} name
   * @param {boolean} isOptional
   */
  const add = (from, name, isOptional) => {
    const path = resolveFrom(from, name);
    const entry = path === undefined ? undefined : lockedPackages[path];
    if (path === undefined || entry === undefined) {
      if (isOptional) return;
      throw new Error(`package-lock.json has no ${name}, which ${from || 'package.json'} needs`);
    }
    if (found.has(path) || (isOptional && !fits(entry, machine))) return;
    found.add(path);
    for (const below of Object.keys(entry.dependencies ?? {})) add(path, below, false);
    for (const below of Object.keys(entry.optionalDependencies ?? {})) add(path, below, true);
  };
  for (const name of names) add('', name, false);
  return [...found].sort();
}

/** Names that package.json lists for run time. */
export const directDependencies = () => Object.keys(lockedPackages['']?.dependencies ?? {});

/** @param {string} path of a package in the lock file */
export const isInstalledHere = (path) => existsSync(join(root, path, 'package.json'));

/** Packages carry parts for other systems and what they were compiled from. */
const NEEDLESS = [
  /\.([cm]?ts|map|md|markdown|o|d)$/,
  // Nested ones have entries of their own in the lock file.
  /^node_modules\/.+\/node_modules(\/|$)/,
];

/**
 * Whether a file or folder of a package is needed to run, on a machine.
 *
 * @param {string} path that starts with the last `node_modules` of the package's own path
 * @param {Machine} machine
 */
export function isNeededToRun(path, machine) {
  const runtime = /^node_modules\/onnxruntime-node\/bin\/[^/]+\/([^/]+)(?:\/([^/]+))?/.exec(path);
  if (runtime) {
    const [, platform, arch = machine.arch] = runtime;
    return platform === machine.platform && arch === machine.arch;
  }
  // A licence stays, whatever its suffix.
  return /\/(licen[cs]e|copying|notice)[^/]*$/i.test(path) || !NEEDLESS.some((pattern) => pattern.test(path));
}
