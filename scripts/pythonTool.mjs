import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from './setup/exec.mjs';
import { root } from './setup/paths.mjs';
import { readStamp, writeStamp } from './setup/stamp.mjs';
import { inspectPython } from './setup/toolchain.mjs';

/**
 * Installs a program from Python wheels into `.tools/NAME` unless it is there.
 * @param {string} name of the program
 * @param {string[]} requirements NAME==VERSION each
 * @returns {Promise<string>} path of the program
 */
export function ensurePythonTool(name, ...requirements) {
  return ensureVenv(name, name, requirements);
}

/**
 * Makes a Python environment `.tools/NAME` unless it is there.
 * @param {string} name
 * @param {string} programName of what is wanted in it
 * @param {string[]} requirements NAME==VERSION each
 * @returns {Promise<string>} path of the program
 */
export async function ensureVenv(name, programName, requirements) {
  const venv = join(root, '.tools', name);
  const stamp = join(venv, 'installed');
  const program = join(venv, 'bin', programName);
  if (readStamp(stamp) === requirements.join(' ') && existsSync(program)) return program;
  const python = inspectPython('python3');
  const remedy = 'sudo apt-get install python3-venv; the Python package index must be reachable';
  if (!python?.hasVenv) {
    throw new SetupError('python3 with its venv module is needed', { remedy });
  }
  rmSync(venv, { recursive: true, force: true });
  const options = { log: name, remedy, env: { ...process.env, PYTHONPATH: '' } };
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  try {
    await run(python.path, ['-m', 'venv', venv], options);
    await run(join(venv, 'bin', 'python'), [...pip, ...requirements], { ...options, append: true });
  } catch (error) {
    rmSync(venv, { recursive: true, force: true });
    throw error;
  }
  writeStamp(stamp, requirements.join(' '));
  return program;
}
