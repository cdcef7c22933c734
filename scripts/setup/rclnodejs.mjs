import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findRos, rclPrefixes, rosEnv } from '../rosEnv.mjs';
import { run, SetupError } from './exec.mjs';
import { interfacesKey } from './interfaces.mjs';
import { paths } from './paths.mjs';
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.mjs';
import { nodeHeaders, which } from './toolchain.mjs';

// In the package's own folder, so that they go with it when npm ci replaces it.
const buildStamp = join(paths.rclnodejs, '.rdk-yolo-seg-built');
const messagesStamp = join(paths.rclnodejs, '.rdk-yolo-seg-messages');

const binary = join(paths.rclnodejs, 'build', 'Release', 'rclnodejs.node');

function version() {
  return JSON.parse(readFileSync(join(paths.rclnodejs, 'package.json'), 'utf8')).version;
}

function buildKey() {
  const ros = findRos();
  return hashOf([], version(), ros?.distro, rclPrefixes(ros), process.versions.modules, process.arch);
}

/** @returns {NodeJS.ProcessEnv} */
function environment() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...rosEnv(), npm_config_yes: 'true' };
  const headers = nodeHeaders();
  if (headers) env.npm_config_nodedir = headers;
  return env;
}

/** @returns {boolean} whether the addon was built (or comes ready) for this ROS and this Node */
export function rclnodejsIsCurrent() {
  return existsSync(binary) && readStamp(buildStamp) === buildKey();
}

/**
 * Builds rclnodejs's addon against ROS, unless the package carries one made for exactly this system.
 * @param {{ verbose?: boolean | undefined, say: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function buildRclnodejs({ verbose, say }) {
  const env = environment();
  if (!which('ros2', env)) {
    throw new SetupError('rclnodejs finds ROS 2 by the program `ros2`, which is not on PATH', {
      remedy: `sudo apt-get install ros-${env.ROS_DISTRO}-ros2cli, then source ROS 2 again`,
    });
  }
  const options = { log: 'rclnodejs', cwd: paths.rclnodejs, env, verbose };
  clearStamp(buildStamp);
  rmSync(join(paths.rclnodejs, 'build'), { recursive: true, force: true });
  const ready = await run(
    process.execPath,
    ['-p', "require('./scripts/install.cjs').checkPrebuiltBinary()"],
    options,
  );
  let done = 'prebuilt addon fits';
  // Importing copies the prebuilt addon to where a compiled one would be.
  if (ready.trimEnd().endsWith('true')) await run(process.execPath, ['-e', "import('rclnodejs')"], options);
  if (!ready.trimEnd().endsWith('true')) {
    say(`compiling rclnodejs ${version()} against ROS 2 ${env.ROS_DISTRO}, about a minute`);
    try {
      const jobs = String(availableParallelism());
      const nodeGyp = join(paths.nodeModules, 'node-gyp', 'bin', 'node-gyp.js');
      await run(process.execPath, [nodeGyp, 'rebuild', '--jobs', jobs], {
        ...options,
        append: true,
        remedy: nodeHeaders()
          ? 'the output above tells which header or library of ROS 2 is missing'
          : "node-gyp needs Node's headers: use a Node installation that has include/node (nvm, n, NodeSource), or allow it to download them",
      });
      if (!existsSync(binary)) throw new SetupError(`node-gyp made no ${binary}`);
    } catch (error) {
      rmSync(join(paths.rclnodejs, 'build'), { recursive: true, force: true });
      throw error;
    }
    done = `rclnodejs ${version()} compiled`;
  }
  writeStamp(buildStamp, buildKey());
  return done;
}

const messagesKey = () => hashOf([], interfacesKey(), version());

/** @returns {boolean} whether the message classes were generated from the present interface packages */
export function messagesAreCurrent() {
  return existsSync(paths.rclnodejs) && readStamp(messagesStamp) === messagesKey();
}

/**
 * Generates rclnodejs's message classes from every interface package in ROS and overlay.
 * @param {{ verbose?: boolean | undefined }} options
 * @returns {Promise<string>}
 */
export async function generateMessages({ verbose }) {
  clearStamp(messagesStamp);
  const options = { log: 'messages', cwd: paths.rclnodejs, env: environment(), verbose };
  const remedy = 'delete .ros and node_modules, then run again';
  const output = await run(process.execPath, ['scripts/generate_messages.cjs'], { ...options, remedy });
  // The generator reports an error and still ends with success.
  if (!output.includes('Generation complete')) {
    rmSync(join(paths.rclnodejs, 'generated'), { recursive: true, force: true });
    throw new SetupError(`rclnodejs could not generate its message classes\n${output.trimEnd()}`, { remedy });
  }
  writeStamp(messagesStamp, messagesKey());
  return 'message classes generated';
}
