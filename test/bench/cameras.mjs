// Several cameras on one model, and two models on one BPU, on fakednn with the times of the X5's YOLOv8n-seg: what comes
// out beside what one task after the other would give, and how old it is. Called by `npm run bench`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OnnxModel } from '#dist/backends/onnx/model.js';
import { openSession } from '#dist/backends/registry.js';
import { toPostprocessOptions, toSessionOptions } from '#dist/config/options.js';
import { ParameterStore } from '#dist/config/store.js';
import { FrameScheduler } from '#dist/pipeline/frameScheduler.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { boardTimes } from '../../tools/fakednn/modelInfo.mjs';
import { recordFakeModel } from '../../tools/fakednn/record.mjs';
import { frameOf, loadNv12Picture } from './support/nv12Picture.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const library = `${root}native/bin/fakednn/libdnn.so`;
const onnxPath = `${root}assets/models/shapes-seg-320.onnx`;
const picturePath = `${root}assets/evalset/images/1000009_640x360.jpg`;
const warmUpMs = 1500;
const measuredMs = 6000;
const idealHz = 1000 / boardTimes.coreMs;
/** Of a model that takes three times as long on the core, as YOLOv8s-seg does. */
const slowTimes = { coreMs: 3 * boardTimes.coreMs, hostMs: boardTimes.hostMs };

/**
 * @typedef {import('./support/nv12Picture.mjs').Nv12Picture} Nv12Picture
 * @typedef {import('#dist/core/ports.js').BackendSession} BackendSession
 * @typedef {{ name: string, rateHz: number, pipeline: Pipeline }} Camera
 */

/**
 * @param {string} path
 * @param {Nv12Picture} picture
 * @param {{ coreMs: number, hostMs: number }} times
 */
async function recordModel(path, picture, times) {
  const model = await OnnxModel.open(onnxPath, 1);
  try {
    const pictures = [{ name: 'picture', nv12: picture.bytes, ...picture }];
    await recordFakeModel({ path, model, modelName: 'bench', pictures, ...times });
  } finally {
    await model.close();
  }
}

/**
 * @param {string} modelPath
 * @param {number} priority
 */
function openModel(modelPath, priority = 0) {
  const { values } = new ParameterStore({ 'backend.dnn_library': library, 'backend.priority': priority });
  return openSession('bpu', toSessionOptions(values, modelPath));
}

/**
 * Cameras in front of one session.
 *
 * @param {BackendSession} session
 * @param {readonly number[]} ratesHz
 * @returns {Camera[]}
 */
function camerasOn(session, ratesHz) {
  const scheduler = new FrameScheduler(session);
  const options = toPostprocessOptions(new ParameterStore().values, session.model.classNames);
  return ratesHz.map((rateHz) => {
    const pipeline = new Pipeline({
      session,
      scheduler,
      onResult: () => {},
      onError: (error) => {
        throw error;
      },
      previewRequest: () => null,
      postprocessOptions: () => options,
    });
    return { name: `${rateHz.toFixed(0)} Hz`, rateHz, pipeline };
  });
}

/**
 * Offers frames at the camera's rate, from a moment of its own in its period; returns how to stop.
 *
 * @param {Camera} camera
 * @param {Nv12Picture} picture
 * @param {number} phase 0 to 1
 */
function feed({ rateHz, pipeline }, picture, phase) {
  const periodMs = 1000 / rateHz;
  let dueMs = performance.now() + phase * periodMs;
  let sequence = 0;
  /** @type {NodeJS.Timeout} */
  let timer;
  const tick = () => {
    for (; performance.now() >= dueMs; dueMs += periodMs) pipeline.offer(frameOf(picture, sequence++));
    timer = setTimeout(tick, Math.max(1, dueMs - performance.now()));
  };
  tick();
  return () => clearTimeout(timer);
}

/**
 * @param {readonly Camera[]} cameras
 * @param {Nv12Picture} picture
 */
async function measure(cameras, picture) {
  for (const { pipeline } of cameras) pipeline.activate();
  const stops = cameras.map((camera, index) => feed(camera, picture, index / cameras.length));
  const outs = () => cameras.map(({ pipeline }) => pipeline.stats.snapshot().framesOut);
  await new Promise((resolve) => setTimeout(resolve, warmUpMs));
  const [before, startMs] = [outs(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  const seconds = (performance.now() - startMs) / 1000;
  const rates = outs().map((count, index) => (count - (before[index] ?? 0)) / seconds);
  const ages = cameras.map(({ pipeline }) => pipeline.stats.snapshot().takenToResultMs);
  for (const stop of stops) stop();
  for (const { pipeline } of cameras) await pipeline.close();
  return { rates, ages };
}

/** @param {readonly (number | null)[]} values */
const each = (values) => values.map((value) => value?.toFixed(1) ?? '-').join(' ');

/**
 * @param {string} modelPath
 * @param {readonly number[]} ratesHz
 * @param {Nv12Picture} picture
 */
async function severalCameras(modelPath, ratesHz, picture) {
  const session = await openModel(modelPath);
  try {
    const cameras = camerasOn(session, ratesHz);
    const { rates, ages } = await measure(cameras, picture);
    const together = rates.reduce((sum, rate) => sum + rate, 0);
    const asked = Math.min(
      idealHz,
      ratesHz.reduce((sum, rate) => sum + rate, 0),
    );
    const p50 = ages.map((age) => age.p50 ?? Number.NaN);
    return {
      name: `cameras of ${cameras.map(({ name }) => name).join(', ')}`,
      together,
      ofIdeal: together / asked,
      ratesHz: each(rates),
      ageP50Ms: each(p50),
      ageP95Ms: each(ages.map((age) => age.p95)),
      agesApart: Math.max(...p50) / Math.min(...p50),
    };
  } finally {
    await session.close();
  }
}

/**
 * The quick model at 30 frames/s with this priority, beside the slow one at another rate, which has none.
 *
 * @param {readonly [quick: string, slow: string]} models
 * @param {{ priority: number, slowHz: number }} sharing A rate of 0 leaves the slow one out.
 * @param {Nv12Picture} picture
 */
async function twoModels([quick, slow], { priority, slowHz }, picture) {
  const sessions = [await openModel(quick, priority)];
  if (slowHz > 0) sessions.push(await openModel(slow));
  try {
    const cameras = sessions.flatMap((session, index) => camerasOn(session, [index === 0 ? 30 : slowHz]));
    const { rates, ages } = await measure(cameras, picture);
    return {
      name: slowHz === 0 ? 'n alone' : `n at priority ${priority}, s of ${slowHz} Hz at 0`,
      ratesHz: each(rates),
      ageP50Ms: each(ages.map((age) => age.p50)),
      ageP95Ms: each(ages.map((age) => age.p95)),
      ageMaxMs: each(ages.map((age) => age.max)),
    };
  } finally {
    for (const session of sessions) await session.close();
  }
}

/**
 * One row for each set of cameras, then one for each of two models; ages from the take to the result, in the order of the
 * cameras.
 *
 * @returns {Promise<Record<string, string | number | null>[]>}
 */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'cameras-bench-'));
  try {
    const picture = await loadNv12Picture(picturePath);
    const [quick, slow] = /** @type {const} */ ([join(folder, 'n.bin'), join(folder, 's.bin')]);
    await recordModel(quick, picture, boardTimes);
    await recordModel(slow, picture, slowTimes);
    const shared = [1, 2, 3, 4].map((count) => Array.from({ length: count }, () => 182 / count));
    const others = [[60, 60, 60, 60], [200, 5], [200, 30, 30, 5], Array.from({ length: 8 }, () => 30)];
    const rows = [];
    for (const rates of [...shared, ...others]) rows.push(await severalCameras(quick, rates, picture));
    rows.push(await twoModels([quick, slow], { priority: 0, slowHz: 0 }, picture));
    for (const slowHz of [5, 60]) {
      for (const priority of [0, 100]) {
        rows.push(await twoModels([quick, slow], { priority, slowHz }, picture));
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
