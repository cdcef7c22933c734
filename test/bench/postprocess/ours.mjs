// Our post-processing as a contestant: in this process, which stays warm like a node.
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { median } from './median.mjs';

/** No score of a picture reaches it: what is left of a run is the scan. */
const unreachable = 1 - 1e-9;

/**
 * @typedef {import('./sceneFiles.mjs').Scene} Scene
 * @typedef {import('#dist/postprocess/postprocess.js').PostprocessResult} PostprocessResult
 */

/**
 * Makes a function that runs all scenes in turns, `repeats` times, and returns what the contestants' programs
 * print: a median per stage. `threadCpuMs` is the clock.
 *
 * @param {readonly Scene[]} scenes
 * @param {() => number} threadCpuMs
 */
export function makeOurs(scenes, threadCpuMs) {
  const postprocessor = new Postprocessor(scenes[0].heads);
  /**
   * @param {Scene} scene
   * @param {number} threshold
   */
  const runScene = ({ tensors, geometry, options }, threshold = options.scoreThreshold) => {
    const startMs = threadCpuMs();
    const result = postprocessor.run(tensors, geometry, { ...options, scoreThreshold: threshold });
    return { result, totalMs: threadCpuMs() - startMs };
  };
  return (/** @type {number} */ repeats) => {
    /** @type {Record<'scan' | 'decode' | 'masks' | 'total', number[]>[]} */
    const stages = scenes.map(() => ({ scan: [], decode: [], masks: [], total: [] }));
    /** @type {PostprocessResult[]} */
    const results = [];
    // The stages are timed inside, with the process's clock, which counts the time of others as well.
    const wallClock = performance.now;
    performance.now = threadCpuMs;
    for (let repeat = 0; repeat < repeats; repeat++) {
      scenes.forEach((scene, index) => {
        const { result, totalMs } = runScene(scene);
        stages[index].decode.push(result.decodeMs);
        stages[index].masks.push(result.masksMs);
        stages[index].total.push(totalMs);
        results[index] = result;
      });
      scenes.forEach((scene, index) => {
        stages[index].scan.push(runScene(scene, unreachable).result.decodeMs);
      });
    }
    performance.now = wallClock;
    return scenes.map(({ name }, index) => ({
      name,
      candidateCount: results[index].candidateCount,
      cutCount: results[index].candidatesCut,
      objectCount: results[index].instances.count,
      scanMs: median(stages[index].scan),
      decodeMs: median(stages[index].decode),
      masksMs: median(stages[index].masks),
      totalMs: median(stages[index].total),
    }));
  };
}
