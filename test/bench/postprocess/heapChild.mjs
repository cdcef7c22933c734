// Runs 10,000 frames of rotating scenes and prints what happened to memory as JSON. Called by heap.mjs.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { fullHd, headsOf, loadScenes, options, pictures } from './scenes.mjs';

const settledFrame = 1_000;
const lastFrame = 10_000;
const framesPerSample = 10;

const scenes = await loadScenes(Object.values(pictures.comparison));
const postprocessor = new Postprocessor(headsOf(scenes[0].tensors));
// Masks of the made-up scene are noise and as much work as a frame each.
const frameOptions = scenes.length > 1 ? options : { ...options, maxDetections: 4 };

/** @typedef {import('node:perf_hooks').PerformanceEntry & { detail: { flags: number, kind: number } }} GcEntry */

const collections = { scavenges: 0, others: 0, pauseMs: 0 };
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { detail, duration } = /** @type {GcEntry} */ (entry);
    if (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) continue;
    collections[detail.kind === constants.NODE_PERFORMANCE_GC_MINOR ? 'scavenges' : 'others']++;
    collections.pauseMs += duration;
  }
});

function usedBytes() {
  const { heapUsed, external } = process.memoryUsage();
  // `external` has the array buffers in it.
  return heapUsed + external;
}

function heldBytes() {
  globalThis.gc?.();
  globalThis.gc?.();
  return usedBytes();
}

/**
 * Runs the frames [first, end); returns the bytes a frame leaves behind.
 *
 * @param {number} first
 * @param {number} end
 */
async function runFrames(first, end) {
  let garbageBytes = 0;
  let sampledFrames = 0;
  for (let sample = first; sample < end; sample += framesPerSample) {
    const before = usedBytes();
    for (let frame = sample; frame < sample + framesPerSample; frame++) {
      postprocessor.run(scenes[frame % scenes.length].tensors, fullHd, frameOptions);
    }
    const grown = usedBytes() - before;
    // After a collection there is less than before: such samples tell nothing.
    if (grown > 0) {
      garbageBytes += grown;
      sampledFrames += framesPerSample;
    }
    // Lets the observer report.
    await setImmediate();
  }
  return garbageBytes / sampledFrames;
}

observer.observe({ entryTypes: ['gc'] });
await runFrames(0, settledFrame);
const settledBytes = heldBytes();
Object.assign(collections, { scavenges: 0, others: 0, pauseMs: 0 });
const garbageBytesPerFrame = await runFrames(settledFrame, lastFrame);
observer.disconnect();
const growthBytes = heldBytes() - settledBytes;
const frames = lastFrame - settledFrame;
console.log(
  JSON.stringify({
    frames,
    growthBytes,
    garbageBytesPerFrame: Math.round(garbageBytesPerFrame),
    scavenges: collections.scavenges,
    otherCollections: collections.others,
    pauseMsPerFrame: collections.pauseMs / frames,
  }),
);
process.exit(0);
