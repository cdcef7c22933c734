import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from '../setup/exec.mjs';
import { cacheFolder } from './fetched.mjs';

/**
 * What the core addon is linked with, as Debian makes it for the target: no library of the robot is needed then. The static
 * forms cannot be linked into an addon, so the shared ones go into the folder beside it.
 *
 * @type {readonly { apt: string, headers: string, soname: string, licence: string }[]}
 */
const libraries = [
  { apt: 'libyuv0', headers: 'libyuv-dev', soname: 'libyuv.so.0', licence: 'BSD-3-Clause' },
  {
    apt: 'libjpeg62-turbo',
    headers: 'libjpeg62-turbo-dev',
    soname: 'libjpeg.so.62',
    licence: 'IJG AND BSD-3-Clause AND Zlib',
  },
  { apt: 'libpng16-16', headers: 'libpng-dev', soname: 'libpng16.so.16', licence: 'libpng-2.0' },
  { apt: 'zlib1g', headers: 'zlib1g-dev', soname: 'libz.so.1', licence: 'Zlib' },
];

/** @typedef {{ name: string, version: string, licence: string, copyright: string }} LinkedLibrary */

/**
 * The libraries for an architecture, unpacked into a folder of their own: the machine's own packages stay as they are.
 *
 * @param {import('./targets.mjs').Architecture} architecture
 * @returns {Promise<{ sysroot: string, linked: LinkedLibrary[] }>}
 */
export async function debianLibraries({ debian }) {
  const folder = join(cacheFolder, `libraries-${debian}`);
  const sysroot = join(folder, 'root');
  const list = join(folder, 'packages.json');
  if (!existsSync(list)) {
    rmSync(folder, { recursive: true, force: true });
    const downloads = join(folder, 'downloads');
    for (const path of ['lists/partial', 'cache/archives/partial', 'downloads', 'root'])
      mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
    const names = libraries.flatMap(({ apt, headers }) => [apt, headers]);
    const apt = Object.entries({
      'Dir::State::lists': join(folder, 'lists'),
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': join(folder, 'cache'),
      'APT::Architecture': debian,
      'APT::Architectures': debian,
      'Acquire::Languages': 'none',
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const remedy = `needs Debian's archive in /etc/apt with ${names.join(', ')} for ${debian}, and the network`;
    const options = { log: 'package-libraries', append: true, cwd: downloads, remedy };
    await run('apt-get', [...apt, 'update'], options);
    await run('apt-get', [...apt, 'download', ...names], options);
    const linked = [];
    for (const file of readdirSync(downloads)) {
      await run('dpkg-deb', ['-x', file, sysroot], options);
      const [name = '', version = ''] = file.split('_');
      const licence = libraries.find(({ apt }) => apt === name)?.licence;
      if (licence === undefined) continue;
      const copyright = join(sysroot, 'usr', 'share', 'doc', name, 'copyright');
      linked.push({ name, version: decodeURIComponent(version), licence, copyright });
    }
    // Some links lead to libraries that are not fetched.
    await run('find', [sysroot, '-xtype', 'l', '-delete'], options);
    writeFileSync(list, JSON.stringify(linked));
  }
  /** @type {LinkedLibrary[]} */
  const linked = JSON.parse(readFileSync(list, 'utf8'));
  return { sysroot, linked };
}

/**
 * @param {string} sysroot
 * @param {string} triple
 * @param {string} name
 */
function libraryFile(sysroot, triple, name) {
  const folders = [join(sysroot, 'usr', 'lib', triple), join(sysroot, 'lib', triple)];
  const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined) throw new SetupError(`no ${name} in ${folders.join(' or ')}`);
  return file;
}

/**
 * Copies the shared libraries to where the addon looks for them first.
 *
 * @param {string} sysroot
 * @param {import('./targets.mjs').Architecture} architecture
 * @param {string} folder
 * @returns {string[]} the copies
 */
export function copySharedLibraries(sysroot, { triple }, folder) {
  return libraries.map(({ soname }) => {
    const copy = join(folder, soname);
    copyFileSync(libraryFile(sysroot, triple, soname), copy);
    return copy;
  });
}

/**
 * Settings that make CMake take the libraries of a sysroot and nothing of this machine.
 *
 * @param {string} sysroot
 * @param {import('./targets.mjs').Architecture} architecture
 */
export function librarySettings(sysroot, { triple }) {
  const include = join(sysroot, 'usr', 'include');
  const library = (/** @type {string} */ name) => libraryFile(sysroot, triple, name);
  return {
    YUV_INCLUDE_DIR: include,
    YUV_LIBRARY: library('libyuv.so.0'),
    // jconfig.h lies in the folder of the architecture.
    JPEG_INCLUDE_DIR: `${include};${join(include, triple)}`,
    JPEG_LIBRARY: library('libjpeg.so.62'),
    PNG_PNG_INCLUDE_DIR: include,
    PNG_LIBRARY: library('libpng16.so.16'),
    ZLIB_INCLUDE_DIR: include,
    ZLIB_LIBRARY: library('libz.so.1'),
    CMAKE_BUILD_WITH_INSTALL_RPATH: 'ON',
    CMAKE_INSTALL_RPATH: '$ORIGIN',
    // The older kind of path holds for what the libraries themselves need, too.
    CMAKE_MODULE_LINKER_FLAGS: '-Wl,--disable-new-dtags',
  };
}
