import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { recordFakeModel } from '../../tools/fakednn/record.mjs';
import { root } from '../setup/paths.mjs';

/** Of two architectures' floats, of those that are no whole numbers in one of them. */
const floatTolerance = 1e-5;

/**
 * Records on this machine what a model answers to two pictures, as a model of the stand-in. It knows an input by the hash of
 * its bytes: another machine gets objects only where it prepares every byte alike.
 *
 * @param {string} folder
 * @returns {Promise<string[]>} arguments of the program that segment the pictures with it
 */
export async function recordSample(folder) {
  const { OnnxModel } = await import('../../dist/backends/onnx/model.js');
  const { readWholePicture } = await import('../../dist/camera/pictureFolder.js');
  const frames = join(folder, 'frames');
  mkdirSync(frames, { recursive: true });
  const pictures = [];
  const files = [];
  for (const name of ['scene_000', 'scene_001']) {
    const picture = await readWholePicture(join(root, 'assets', 'scenes', `${name}.jpg`), 'full');
    const file = join(frames, `${name}.nv12`);
    writeFileSync(file, picture.nv12);
    files.push(file);
    pictures.push(picture);
  }
  const [{ widthPx = 0, heightPx = 0 } = {}] = pictures;
  const source = join(root, 'assets', 'models', 'shapes-seg-320.onnx');
  const model = await OnnxModel.open(source, 0);
  const path = join(folder, 'sample.bin');
  try {
    await recordFakeModel({ path, model, modelName: basename(source), pictures });
  } finally {
    await model.close();
  }
  const size = ['--width', String(widthPx), '--height', String(heightPx)];
  return ['segment', ...files, ...size, '--model', path, '--backend', 'bpu', '--forms', 'json'];
}

/**
 * Where two values of JSON differ: whole numbers and words exactly, other numbers by more than a tolerance.
 *
 * @param {unknown} a
 * @param {unknown} b
 * @param {string} [path]
 * @returns {string[]}
 */
function differences(a, b, path = '') {
  if (typeof a === 'number' && typeof b === 'number') {
    const isWhole = Number.isInteger(a) && Number.isInteger(b);
    const isSame = isWhole ? a === b : Math.abs(a - b) <= floatTolerance * Math.max(1, Math.abs(a));
    return isSame ? [] : [`${path}: ${a} and ${b}`];
  }
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object') {
    const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
    const keys = new Set([...left.keys(), ...right.keys()]);
    return [...keys].flatMap((key) => differences(left.get(key), right.get(key), `${path}/${key}`));
  }
  return a === b ? [] : [`${path}: ${a} and ${b}`];
}

/**
 * Compares what `segment` wrote on two machines.
 *
 * @param {string} here folder
 * @param {string} there folder
 * @returns {{ instanceCount: number, found: string[] }}
 */
export function compareResults(here, there) {
  const read = (/** @type {string} */ folder, /** @type {string} */ name) =>
    JSON.parse(readFileSync(join(folder, 'json', name), 'utf8'));
  const names = readdirSync(join(here, 'json'));
  const instanceCount = names.reduce((sum, name) => sum + read(here, name).instances.length, 0);
  return {
    instanceCount,
    found: names.flatMap((name) => differences(read(here, name), read(there, name), name)),
  };
}

/** Of two architectures' ONNX Runtime, in parts of the greatest value: sums are taken in another order. */
const runtimeTolerance = 1e-5;

/**
 * Compares the models that {@link recordSample} recorded on two machines. Throws where a model input differs in a byte, or an
 * output by more than a tolerance.
 *
 * @param {string} here folder
 * @param {string} there folder
 * @returns {{ frameCount: number, worst: number }} `worst`: the greatest difference, in parts of the greatest value
 */
export function compareRecordings(here, there) {
  const frames = (/** @type {string} */ folder) => join(folder, 'sample.replay', 'frames');
  // Named by the hash of their input.
  const [names, others] = [here, there].map((folder) => readdirSync(frames(folder)).sort());
  if (String(names) !== String(others)) throw new Error(`model inputs differ: ${names} and ${others}`);
  const floats = (/** @type {string} */ folder, /** @type {string} */ name) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(frames(folder), name));
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  const worst = names.map((name) => {
    const [a, b] = [floats(here, name), floats(there, name)];
    if (a.length !== b.length) throw new Error(`${name} has ${a.length} and ${b.length} values`);
    const greatest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = a.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))),
      0,
    );
    // Not a number is above nothing.
    if (!(difference <= runtimeTolerance * greatest)) {
      throw new Error(`outputs of ${name} differ by ${difference}, of at most ${greatest}`);
    }
    return difference / greatest;
  });
  return { frameCount: names.length, worst: Math.max(...worst) };
}
