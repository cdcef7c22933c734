import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { findRos, rosEnv } from '../rosEnv.mjs';
import { run } from './exec.mjs';
import { paths, root } from './paths.mjs';
import { clearStamp, hashOf, listFiles, readStamp, writeStamp } from './stamp.mjs';
import { nodeHeaders } from './toolchain.mjs';

/**
 * @typedef {'core' | 'fakednn' | 'hbmem'} AddonTarget
 * `core` needs no ROS; `fakednn` is no addon but the libdnn.so that tests load; `hbmem` is built
 * per ROS distribution, because struct layouts differ between them.
 */

/** @param {string} path */
const isSource = (path) => !['build', 'bin'].includes(basename(path)) || path === paths.native;

/**
 * @typedef {'asan' | 'tsan'} Sanitizer
 * AddressSanitizer with UBSan, or ThreadSanitizer.
 */

/**
 * What the files of a build are called behind their names; the loader takes it from RDK_ADDON_SUFFIX.
 * @param {Sanitizer | undefined} sanitizer undefined for the build that is used
 */
export const addonSuffix = (sanitizer) => (sanitizer === undefined ? '' : `-${sanitizer}`);

/**
 * @param {AddonTarget} target
 * @param {Sanitizer | undefined} sanitizer
 */
function describe(target, sanitizer) {
  const ros = target === 'hbmem' ? findRos() : undefined;
  const suffix = addonSuffix(sanitizer);
  const name = ros ? `hbmem-${ros.distro}` : target;
  const file =
    target === 'fakednn'
      ? join(`fakednn${suffix}`, 'libdnn.so')
      : `${name}-linux-${process.arch}${suffix}.node`;
  const output = join(paths.native, 'bin', file);
  const options = sanitizer === undefined ? [] : [`--CDRDK_SANITIZE=${sanitizer}`];
  const buildDir = join(paths.native, 'build', `${name}${suffix}`);
  return { name: `${name}${suffix}`, ros, options, output, buildDir };
}

/** @param {ReturnType<typeof describe>} addon */
const configurationKey = ({ name, ros, options }) =>
  hashOf(
    [join(root, 'package-lock.json')],
    ...[name, ros?.prefixes, process.arch, process.version, root, ...options],
  );

const sourcesKey = () => hashOf(listFiles([paths.native], isSource));

/** @param {{ buildDir: string }} addon */
const stampsOf = ({ buildDir }) => ({
  configured: join(buildDir, '.rdk-yolo-seg-configured'),
  built: join(buildDir, '.rdk-yolo-seg-built'),
});

/**
 * @param {AddonTarget} target
 * @param {{ sanitizer?: Sanitizer | undefined }} [options]
 */
export function addonIsCurrent(target, { sanitizer } = {}) {
  const addon = describe(target, sanitizer);
  return (
    existsSync(addon.output) &&
    readStamp(stampsOf(addon).built) === `${configurationKey(addon)} ${sourcesKey()}`
  );
}

/**
 * Compiles one native addon with cmake-js into `native/bin`.
 * @param {AddonTarget} target
 * @param {{ verbose?: boolean | undefined, sanitizer?: Sanitizer | undefined, say: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function buildAddon(target, { verbose, sanitizer, say }) {
  const addon = describe(target, sanitizer);
  const stamps = stampsOf(addon);
  clearStamp(stamps.built);
  const sources = sourcesKey();
  const env = rosEnv();
  const headers = nodeHeaders();
  if (headers) env.npm_config_nodedir = headers;
  let append = false;
  /**
   * @param {string} command
   * @param {string[]} args
   */
  const cmakeJs = (command, ...args) => {
    const options = {
      log: `addon-${addon.name}`,
      append,
      env,
      verbose,
      remedy: 'the output above names the cause; delete native/build to start from nothing',
    };
    append = true;
    return run(
      process.execPath,
      [
        join(paths.nodeModules, 'cmake-js', 'bin', 'cmake-js'),
        ...[command, '-d', paths.native, '-O', addon.buildDir, `--CDRDK_TARGET=${target}`],
        ...(addon.ros ? [`--CDROS_DISTRO_NAME=${addon.ros.distro}`] : []),
        ...addon.options,
        ...args,
      ],
      options,
    );
  };
  say(`compiling native/${addon.name}`);
  try {
    // A changed installation leaves wrong paths in CMake's cache; changed sources are CMake's own business.
    if (readStamp(stamps.configured) !== configurationKey(addon)) {
      rmSync(addon.buildDir, { recursive: true, force: true });
      await cmakeJs('configure');
      writeStamp(stamps.configured, configurationKey(addon));
    }
    await cmakeJs('build', '-p', String(availableParallelism()));
  } catch (error) {
    rmSync(addon.output, { force: true });
    throw error;
  }
  writeStamp(stamps.built, `${configurationKey(addon)} ${sources}`);
  return relative(root, addon.output);
}
