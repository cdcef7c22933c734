// The whole way from frame to result as fast as it goes, and how long the event loop is held up meanwhile; the
// same work in the main thread beside it. Called by `npm run bench`.
import { fileURLToPath } from 'node:url';
import { OnnxEngine } from '#dist/backends/onnx/engine.js';
import { sharedClockMs } from '#dist/backends/session/time.js';
import { openSession } from '#dist/backends/registry.js';
import { toPostprocessOptions, toSessionOptions } from '#dist/config/options.js';
import { ParameterStore } from '#dist/config/store.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxRgbPlanar } from '#dist/native/core.js';
import { EventLoopLagMonitor } from '#dist/pipeline/eventLoopLag.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { frameOf, loadNv12Picture, wrapPicture } from './support/nv12Picture.mjs';

/** @typedef {import('./support/nv12Picture.mjs').Nv12Picture} Nv12Picture */

const root = fileURLToPath(new URL('../../', import.meta.url));
const picturePath = `${root}test/fixtures/pictures/hd.jpg`;
const models = ['shapes-seg-320.onnx', 'shapes-seg-stock.onnx'];
const warmUpMs = 1000;
const measuredMs = 4000;
const threads = 1;
/** The node's defaults. */
const { values } = new ParameterStore();
const options = toPostprocessOptions(values, []);

/**
 * Lag and rate of `start`, which calls its argument for each result and returns how to stop.
 *
 * @param {(onResult: () => void) => Promise<() => Promise<void>>} start
 */
async function measure(start) {
  const lag = new EventLoopLagMonitor(5);
  let results = 0;
  const stop = await start(() => results++);
  await new Promise((resolve) => setTimeout(resolve, warmUpMs));
  results = 0;
  lag.start();
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  const framesPerSecond = (results * 1000) / (performance.now() - startMs);
  lag.stop();
  const lagMs = lag.snapshot();
  await stop();
  return {
    framesPerSecond,
    loopLagP50Ms: lagMs?.p50Ms,
    loopLagP95Ms: lagMs?.p95Ms,
    loopLagMaxMs: lagMs?.maxMs,
  };
}

/**
 * Offers the next frame as soon as the one before was read.
 *
 * @param {string} modelPath
 * @param {Nv12Picture} picture
 */
async function runPipeline(modelPath, picture) {
  const session = await openSession('auto', {
    ...toSessionOptions(values, modelPath),
    tasksInFlight: 2,
    threads,
  });
  let onResult = () => {};
  const pipeline = new Pipeline({
    session,
    onResult: () => onResult(),
    onError: (error) => {
      throw error;
    },
    previewRequest: () => null,
    postprocessOptions: () => options,
  });
  const row = await measure(async (count) => {
    onResult = count;
    let sequence = 0;
    let feeding = true;
    const offerNext = () => {
      pipeline.offer(frameOf(picture, sequence++, () => feeding && setImmediate(offerNext)));
    };
    pipeline.activate();
    offerNext();
    return async () => {
      feeding = false;
      await pipeline.close();
      await session.close();
    };
  });
  const { stagesMs, takenToResultMs } = pipeline.stats.snapshot();
  return {
    ...row,
    prepareMs: stagesMs.prepare.p50,
    inferMs: stagesMs.infer.p50,
    postprocessMs: (stagesMs.decode.p50 ?? Number.NaN) + (stagesMs.masks.p50 ?? Number.NaN),
    takenToResultMs: takenToResultMs.p50,
  };
}

/**
 * The same steps one after the other, with the inference in this thread.
 *
 * @param {string} modelPath
 * @param {Nv12Picture} picture
 */
async function runInMainThread(modelPath, picture) {
  const engine = await OnnxEngine.open({ modelPath, classNames: null, threads });
  const { inputWidthPx, inputHeightPx } = engine.model;
  const geometry = solveLetterbox(picture.widthPx, picture.heightPx, inputWidthPx, inputHeightPx);
  const output = new ArrayBuffer(4 * 3 * inputWidthPx * inputHeightPx);
  return measure(async (onResult) => {
    let going = true;
    const loop = (async () => {
      while (going) {
        const frame = wrapPicture(picture);
        await letterboxRgbPlanar({
          frame,
          geometry,
          filter: 'bilinear',
          yuvRange: 'full',
          output,
          preview: null,
        });
        closeFrame(frame);
        await engine.run(output, geometry, options, sharedClockMs());
        onResult();
        await new Promise(setImmediate);
      }
    })();
    return async () => {
      going = false;
      await loop;
      await engine.close();
    };
  });
}

/**
 * One row per model and place of the inference; times in milliseconds, medians unless named otherwise.
 * @returns {Promise<Record<string, string | number | null | undefined>[]>}
 */
export async function run() {
  const picture = await loadNv12Picture(picturePath);
  const rows = [];
  for (const model of models) {
    const modelPath = `${root}assets/models/${model}`;
    const name = `pipeline ${model}, ${threads} thread, ${picture.heightPx}p`;
    rows.push({ name: `${name}: worker thread`, ...(await runPipeline(modelPath, picture)) });
    rows.push({ name: `${name}: main thread`, ...(await runInMainThread(modelPath, picture)) });
  }
  return rows;
}
