// The contestants in processes of their own, on scenes that sceneFiles.mjs has written.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const numpyScript = fileURLToPath(new URL('../postprocess_numpy.py', import.meta.url));
const rosPython = fileURLToPath(new URL('../../../.ros/jazzy/bin/python3', import.meta.url));
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/**
 * @typedef {object} Measured What a contestant found in a scene and the CPU time it took, medians over the repeats.
 * @property {string} name
 * @property {number} objectCount
 * @property {number} scanMs The scan with the boxes of the cells above the threshold.
 * @property {number} nmsMs
 * @property {number} masksMs
 * @property {number} totalMs
 *
 * @typedef {Measured & import('../../oracle/oracle.ts').OracleResult} ContestantResult
 *
 * @typedef {object} ContestantRequest
 * @property {number} [repeats]
 * @property {boolean} [withDetections] Else `detections` are empty.
 */

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {ContestantResult[]}
 */
function runProgram(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...oneThread },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed\n${stderr}`, { cause: error });
  return JSON.parse(stdout);
}

/**
 * @param {string} folder
 * @param {ContestantRequest} request
 */
const argsOf = (folder, { repeats = 1, withDetections = false }) => [
  folder,
  String(repeats),
  withDetections ? '1' : '0',
];

/**
 * Runs the C++ contestant `program`; the scenes take turns, `repeats` times.
 *
 * @param {string} program
 * @param {string} folder
 * @param {ContestantRequest} request
 */
export function runBaseline(program, folder, request = {}) {
  return runProgram(program, argsOf(folder, request));
}

/**
 * Runs the numpy contestant in the same way, as it is written `lean` or `plain`.
 *
 * @param {string} python
 * @param {string} folder
 * @param {'lean' | 'plain'} way
 * @param {ContestantRequest} request
 */
export function runNumpy(python, folder, way, request = {}) {
  return runProgram(python, [numpyScript, ...argsOf(folder, request), way]);
}

/** A Python that has numpy, or null. */
export function findNumpyPython() {
  /** @param {string} python */
  const hasNumpy = (python) => spawnSync(python, ['-c', 'import numpy']).status === 0;
  return ['python3', rosPython].find(hasNumpy) ?? null;
}
