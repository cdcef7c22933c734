import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sourcedRos } from '../rosEnv.mjs';
import { run, SetupError } from './exec.mjs';
import { rosIsCurrent } from './rosWheels.mjs';
import { findWheelPython, which } from './toolchain.mjs';

/** @typedef {{ apt: string, what: string, isMissing: () => boolean }} SystemPackage */

/**
 * @typedef {{ apt: string, what: string, header: string, library: string, call: string }} Library of the native core
 * @type {Library[]}
 */
const libraries = [
  {
    apt: 'libyuv-dev',
    what: 'libyuv, which scales and converts NV12',
    header: 'libyuv.h',
    library: 'yuv',
    call: 'libyuv::InitCpuFlags()',
  },
  {
    apt: 'libjpeg-dev',
    what: 'libjpeg, which decodes JPEG cameras',
    header: 'jpeglib.h',
    library: 'jpeg',
    call: 'static_cast<int>(jpeg_std_error(nullptr) == nullptr)',
  },
  {
    apt: 'libpng-dev',
    what: 'libpng, which decodes PNG cameras',
    header: 'png.h',
    library: 'png',
    call: 'static_cast<int>(png_access_version_number())',
  },
];

/** @param {string} dir */
function namesIn(dir) {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** @param {Library} library */
function filesFound({ header, library }) {
  const isLib = (/** @type {string} */ name) => new RegExp(`^lib${library}\\.(so|a)$`).test(name);
  const isTriple = (/** @type {string} */ name) => /-linux-gnu/.test(name);
  const isHeaderIn = (/** @type {string} */ dir) =>
    existsSync(join(dir, header)) ||
    namesIn(dir)
      .filter(isTriple)
      .some((triple) => existsSync(join(dir, triple, header)));
  const isLibraryIn = (/** @type {string} */ dir) => {
    const names = namesIn(dir);
    return (
      names.some(isLib) || names.filter(isTriple).some((triple) => namesIn(join(dir, triple)).some(isLib))
    );
  };
  return (
    ['/usr/include', '/usr/local/include'].some(isHeaderIn) &&
    ['/usr/lib', '/usr/local/lib'].some(isLibraryIn)
  );
}

/** Compiles and links one call: the last word where the library lies in an unusual place. @param {Library} library */
function links({ header, library, call }) {
  const source = `#include <cstdio>\n#include <${header}>\nint main() { return ${call} == -1; }\n`;
  const args = ['-x', 'c++', '-', '-x', 'none', `-l${library}`, '-o', '/dev/null'];
  return which('g++') !== undefined && spawnSync('g++', args, { input: source }).status === 0;
}

/** @returns {SystemPackage[]} */
function wanted() {
  const wheels = sourcedRos(process.env) === undefined;
  /**
   * Whether the Python for the wheels lacks a part; one of an unfit version is the next step's complaint.
   *
   * @param {'hasVenv' | 'hasHeaders'} part
   */
  const pythonLacks = (part) => {
    if (!wheels) return false;
    const { python, unfit } = findWheelPython();
    return python ? !python[part] : unfit.length === 0;
  };
  return [
    { apt: 'g++', what: 'C++ compiler', isMissing: () => !which('g++') },
    { apt: 'make', what: 'make', isMissing: () => !which('make') },
    { apt: 'cmake', what: 'cmake', isMissing: () => !which('cmake') },
    ...libraries.map((library) => ({
      ...library,
      isMissing: () => !filesFound(library) && !links(library),
    })),
    { apt: 'python3', what: 'Python 3.10 or newer', isMissing: () => !which('python3') },
    {
      apt: 'python3-venv',
      what: "Python's venv and ensurepip modules",
      isMissing: () => pythonLacks('hasVenv'),
    },
    { apt: 'python3-dev', what: "Python's C headers", isMissing: () => pythonLacks('hasHeaders') },
  ];
}

/**
 * How apt-get can be called without asking for a password; undefined when it cannot.
 *
 * @returns {[string, ...string[]] | undefined}
 */
function aptCommand() {
  if (process.getuid?.() === 0) return ['apt-get'];
  if (which('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  }
  return undefined;
}

/** @param {string[]} names */
function isKnownToApt(names) {
  try {
    const text = execFileSync('apt-cache', ['policy', ...names], { encoding: 'utf8', stdio: 'pipe' });
    return (text.match(/Candidate: (?!\(none\))/g) ?? []).length === names.length;
  } catch {
    return false;
  }
}

/** Whether all that the other steps need is there; Python is started only where the wheels are still to come. */
export function systemPackagesPresent() {
  const tools = ['g++', 'make', 'cmake', 'python3'].every((name) => which(name));
  if (!tools || !libraries.every(filesFound)) return false;
  return rosIsCurrent() || !wanted().some((item) => item.isMissing());
}

/**
 * Installs the Debian packages that are missing, where that is possible without a password.
 * @param {{ verbose?: boolean | undefined, say: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function installSystemPackages({ verbose, say }) {
  let missing = wanted().filter((item) => item.isMissing());
  if (missing.length === 0) return 'all present';
  const names = missing.map((item) => item.apt);
  const byHand = `sudo apt-get update && sudo apt-get install ${names.join(' ')}`;
  const list = missing.map((item) => `${item.apt} (${item.what})`).join(', ');
  const apt = aptCommand();
  if (!which('apt-get')) {
    throw new SetupError(`missing: ${list}`, {
      remedy: 'install them with the package manager of this system',
    });
  }
  if (!apt) {
    throw new SetupError(`missing: ${list}; installing needs root or a password-free sudo`, {
      remedy: byHand,
    });
  }
  say(`installing ${names.join(' ')}`);
  const [command, ...prefix] = apt;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { log: 'apt', env, verbose, remedy: byHand };
  if (!isKnownToApt(names)) await run(command, [...prefix, 'update'], options);
  const install = [...prefix, 'install', '-y', '--no-install-recommends', ...names];
  try {
    await run(command, install, { ...options, append: true });
  } catch {
    // An outdated package list names versions that the mirror no longer has.
    await run(command, [...prefix, 'update'], { ...options, append: true });
    await run(command, install, { ...options, append: true });
  }
  missing = missing.filter((item) => item.isMissing());
  if (missing.length > 0) {
    throw new SetupError(`still missing after apt-get install: ${missing.map((m) => m.what).join(', ')}`, {
      remedy: byHand,
    });
  }
  return `installed ${names.join(' ')}`;
}
