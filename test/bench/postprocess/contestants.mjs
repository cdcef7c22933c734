// The contestants in processes of their own, on scenes that sceneFiles.mjs has written.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const numpyScript = fileURLToPath(new URL('../postprocess_numpy.py', import.meta.url));
const rosPython = fileURLToPath(new URL('../../../.ros/jazzy/bin/python3', import.meta.url));
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

function runProgram(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...oneThread },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed\n${stderr}`, { cause: error });
  return JSON.parse(stdout);
}

const argsOf = (folder, { repeats = 1, withDetections = false }) => [
  folder,
  String(repeats),
  withDetections ? '1' : '0',
];

/** Runs the C++ contestant `program`; the scenes take turns, `repeats` times. */
export function runBaseline(program, folder, request = {}) {
  return runProgram(program, argsOf(folder, request));
}

/** Runs the numpy contestant in the same way, as it is written `lean` or `plain`. */
export function runNumpy(python, folder, way, request = {}) {
  return runProgram(python, [numpyScript, ...argsOf(folder, request), way]);
}

/** A Python that has numpy, or null. */
export function findNumpyPython() {
  const hasNumpy = (python) => spawnSync(python, ['-c', 'import numpy']).status === 0;
  return ['python3', rosPython].find(hasNumpy) ?? null;
}
