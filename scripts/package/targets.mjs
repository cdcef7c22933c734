import { SetupError } from '../setup/exec.mjs';

/**
 * @typedef {{ debian: string, node: string, triple: string, processor: string }} Architecture
 * the same one in the words of Debian, process.arch, the compiler, and CMake
 * @typedef {{ distro: string, glibc: string, glibcxx: string }} Distribution
 * a ROS distribution, and the newest symbols of its Ubuntu's C and C++ libraries
 * @typedef {{ architecture: Architecture, distribution: Distribution }} Target
 */

/** @type {readonly Architecture[]} */
const architectures = [
  { debian: 'amd64', node: 'x64', triple: 'x86_64-linux-gnu', processor: 'x86_64' },
  { debian: 'arm64', node: 'arm64', triple: 'aarch64-linux-gnu', processor: 'aarch64' },
];

/** @type {readonly Distribution[]} */
const distributions = [
  // Ubuntu 22.04.
  { distro: 'humble', glibc: '2.35', glibcxx: '3.4.30' },
  // Ubuntu 24.04.
  { distro: 'jazzy', glibc: '2.39', glibcxx: '3.4.33' },
];

/**
 * @template T
 * @param {string} option
 * @param {string | undefined} name
 * @param {readonly T[]} known
 * @param {(item: T) => string} nameOf
 */
function chosen(option, name, known, nameOf) {
  const item = known.find((candidate) => nameOf(candidate) === name);
  if (item) return item;
  const found = name === undefined ? 'is missing' : `${name} is not known`;
  throw new SetupError(`--${option} ${found}; expected one of ${known.map(nameOf).join(', ')}`);
}

/**
 * @param {string | undefined} distro
 * @param {string | undefined} arch
 * @returns {Target}
 */
export function targetOf(distro, arch) {
  return {
    distribution: chosen('distro', distro, distributions, (item) => item.distro),
    architecture: chosen('arch', arch, architectures, (item) => item.debian),
  };
}

/** @param {string} text with dots between numbers */
const numbers = (text) => text.split('.').map(Number);

/**
 * @param {string} a
 * @param {string} b
 */
function isNewer(a, b) {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/**
 * Symbol versions, out of what objdump says of a binary, that the target's system does not have.
 *
 * @param {string} objdump its output for `-T`
 * @param {Distribution} distribution
 */
export function tooNewSymbols(objdump, { glibc, glibcxx }) {
  const versions = new Set(objdump.match(/\b(?:GLIBC|GLIBCXX)_[0-9.]+/g));
  return [...versions]
    .filter((version) => {
      const [library, number = ''] = version.split('_');
      return isNewer(number, library === 'GLIBC' ? glibc : glibcxx);
    })
    .sort();
}

/**
 * The newest version of glibc's symbols in what objdump says of binaries.
 *
 * @param {readonly string[]} objdumps
 * @returns {string | undefined} `2.34`
 */
export function newestGlibc(objdumps) {
  const found = objdumps.flatMap((text) => text.match(/(?<=\bGLIBC_)\d[0-9.]*/g) ?? []);
  return found.reduce(
    (/** @type {string | undefined} */ newest, version) =>
      newest === undefined || isNewer(version, newest) ? version : newest,
    undefined,
  );
}
