// Post-processing of the six pictures with some heads as integers, the others dequantised before as the vendor's node
// does. Called by removals.mjs with the removal and the addons; prints figures of a frame as JSON.
import { createRequire } from 'node:module';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { makeOurs } from './ours.mjs';
import { median } from './median.mjs';
import {
  fullHd,
  headsOf,
  loadScenes,
  options,
  pictures,
  removals,
  roleOf,
  toIntegers,
  withIntegers,
} from './scenes.mjs';

const [removal, clockAddon, dequantiseAddon] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { threadCpuMs } = require(clockAddon);
const { dequantise } = require(dequantiseAddon);
const warmUpRepeats = 30;
const repeats = 60;

const scenes = await loadScenes(Object.values(pictures.comparison));
const integers = scenes[0].tensors.map(toIntegers);
const kept = integers.filter(({ spec }) => !removals[removal].includes(roleOf(spec)));
const passes = kept.map(({ spec: { quantisation }, data }) => ({
  data,
  scales: quantisation.kind === 'scale' ? quantisation.quantScales : Float32Array.of(1),
  floats: new Float32Array(data.length),
}));

function dequantiseMs() {
  const startMs = threadCpuMs();
  for (const { data, scales, floats } of passes) dequantise(data, scales, floats);
  return threadCpuMs() - startMs;
}

const prepared = scenes.map((scene) => {
  const tensors = withIntegers(scene.tensors, removals[removal]);
  return { ...scene, tensors, heads: headsOf(tensors), geometry: fullHd, options, ...defaultLimits };
});
// The scales of a model are those of all its pictures; here each picture has its own.
const runs = prepared.map((scene) => makeOurs([scene], threadCpuMs));
for (const run of runs) run(warmUpRepeats);
const measured = runs.flatMap((run) => run(repeats));
const dequantised = Array.from({ length: repeats }, dequantiseMs);

/** @param {readonly { readonly data: { readonly byteLength: number } }[]} views */
const bytesOf = (views) => views.reduce((sum, { data }) => sum + data.byteLength, 0);
/** @param {'decodeMs' | 'masksMs' | 'totalMs'} figure */
const mean = (figure) => measured.reduce((sum, scene) => sum + scene[figure], 0) / measured.length;
const dequantisedMs = median(dequantised);
console.log(
  JSON.stringify({
    outputBytes: bytesOf(prepared[0].tensors),
    dequantiseReadBytes: bytesOf(kept),
    dequantiseWrittenBytes: passes.reduce((sum, { floats }) => sum + floats.byteLength, 0),
    dequantiseMs: dequantisedMs,
    decodeMs: mean('decodeMs'),
    masksMs: mean('masksMs'),
    sumMs: dequantisedMs + mean('totalMs'),
    objects: measured.reduce((sum, { objectCount }) => sum + objectCount, 0),
  }),
);
process.exit(0);
