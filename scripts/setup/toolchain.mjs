import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { SetupError } from './exec.mjs';

const MIN_NODE = [20, 20, 2];

/** Python versions the ROS wheels are made for. */
const WHEEL_PYTHONS = { min: 10, max: 13 };

/**
 * @param {readonly number[]} version
 * @param {readonly number[]} minimum
 */
function isOlder(version, minimum) {
  for (const [i, wanted] of minimum.entries()) {
    if ((version[i] ?? 0) !== wanted) return (version[i] ?? 0) < wanted;
  }
  return false;
}

/**
 * Throws when Node is too old for rclnodejs.
 * @param {string} [version]
 */
export function checkNode(version = process.versions.node) {
  if (!isOlder(version.split('.').map(Number), MIN_NODE)) return;
  throw new SetupError(`Node.js ${version} is too old: ${MIN_NODE.join('.')} or newer is needed`, {
    remedy:
      "Ubuntu's and Debian's own nodejs packages are older than that. Any of these brings Node 20:\n" +
      '  sudo npm install -g n && sudo n 20        (then open a new shell)\n' +
      '  nvm install 20                            (where nvm is installed)\n' +
      "  NodeSource's node_20.x apt repository     (then: sudo apt-get install nodejs)",
  });
}

/**
 * Full path of a program on PATH, undefined when it is not there.
 * @param {string} program
 * @param {NodeJS.ProcessEnv} [env]
 */
export function which(program, env = process.env) {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // next folder
    }
  }
  return undefined;
}

/**
 * @typedef {{ path: string, version: string, minor: number, include: string, hasHeaders: boolean,
 *   hasVenv: boolean }} Python
 */

/**
 * What set-up needs to know about one Python; undefined when it is missing or does not run.
 * @param {string} program
 * @returns {Python | undefined}
 */
export function inspectPython(program) {
  if (!which(program) && !existsSync(program)) return undefined;
  const script = [
    'import json, os, platform, sys, sysconfig, importlib.util as u',
    'inc = sysconfig.get_paths()["include"]',
    'print(json.dumps(dict(path=sys.executable, version=platform.python_version(),',
    '  major=sys.version_info[0], minor=sys.version_info[1], include=inc,',
    '  hasHeaders=os.path.exists(os.path.join(inc, "Python.h")),',
    '  hasVenv=bool(u.find_spec("venv") and u.find_spec("ensurepip")))))',
  ].join('\n');
  try {
    const env = { ...process.env, _ROS_WHEELS_BOOTSTRAP_COMPLETE: '1' };
    const found = JSON.parse(execFileSync(program, ['-c', script], { encoding: 'utf8', env, stdio: 'pipe' }));
    return found.major === 3 ? found : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The Python that the ROS wheels can be installed with: `python3` if its version fits, else a versioned one.
 * @returns {{ python?: Python, unfit: string[] }} `unfit` describes those of other versions
 */
export function findWheelPython() {
  const { min, max } = WHEEL_PYTHONS;
  const names = ['python3', ...Array.from({ length: max - min + 1 }, (_, i) => `python3.${max - i}`)];
  const unfit = [];
  for (const name of names) {
    const python = inspectPython(name);
    if (python && python.minor >= min && python.minor <= max) return { python, unfit };
    if (python) unfit.push(`${name} is ${python.version}`);
  }
  return { unfit };
}

/**
 * {@link findWheelPython}, or an error that says which version is needed.
 * @returns {Python}
 */
export function wheelPython() {
  const { python, unfit } = findWheelPython();
  if (python) return python;
  const { min, max } = WHEEL_PYTHONS;
  throw new SetupError(
    `no Python 3.${min} to 3.${max} found, which ROS 2 Jazzy's wheels need (${unfit.join(', ') || 'no python3'})`,
    {
      remedy:
        'sudo apt-get install python3 python3-venv python3-dev; an older system needs a newer Python, or ROS 2 sourced',
    },
  );
}

/**
 * Folder with `include/node/node_api.h` of exactly the running Node, so that building addons downloads nothing.
 * @returns {string | undefined}
 */
export function nodeHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  try {
    const text = readFileSync(join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    /** @param {'MAJOR' | 'MINOR' | 'PATCH'} name */
    const part = (name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1];
    const version = [part('MAJOR'), part('MINOR'), part('PATCH')].join('.');
    return version === process.versions.node ? prefix : undefined;
  } catch {
    return undefined;
  }
}
