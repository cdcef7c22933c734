// The Python of the contestants from PyPI, and how their scripts are run.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureVenv } from '../../../scripts/pythonTool.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Path of a Python with the packages of requirements.txt, which are installed into `.tools/field` unless they are there. */
export function ensureFieldPython() {
  const asked = readFileSync(`${folder}requirements.txt`, 'utf8').trim().split('\n');
  return ensureVenv('field', 'python', asked);
}

/**
 * One thread where a library lets us choose, and no graphics card.
 */
const environment = {
  ...process.env,
  PYTHONPATH: '',
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  EDGEFIRST_DISABLE_GL: '1',
  RUST_LOG: 'error',
};

/**
 * What a script of this folder prints, as JSON. Throws with its output where it fails.
 *
 * @param {string} python
 * @param {string} script
 * @param {readonly string[]} args
 */
export function runFieldScript(python, script, args) {
  const command = [`${folder}${script}`, ...args];
  const options = { encoding: /** @type {const} */ ('utf8'), env: environment, maxBuffer: 1 << 28 };
  const { status, stdout, stderr, error } = spawnSync(python, command, options);
  if (status !== 0) throw new Error(`${command.join(' ')} failed\n${stderr}`, { cause: error });
  return JSON.parse(stdout);
}
