// Stages of our post-processing alone, at the picture's own size and from full HD, with float and with integer heads.
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { median } from './median.mjs';
import { fullHd, headsOf, loadScenes, options, pictures, removals, withIntegers } from './scenes.mjs';

/**
 * @typedef {import('./scenes.mjs').Picture} Picture
 * @typedef {Picture & { postprocessor: Postprocessor }} Prepared
 * @typedef {{ total: number[], decode: number[], masks: number[],
 *   last: import('#dist/postprocess/postprocess.js').PostprocessResult | null }} Measured
 */

const repeats = 100;
const warmUpRepeats = 30;

/**
 * Pictures rotate, so that none finds its tensors in the cache; wall-clock milliseconds.
 *
 * @param {readonly Prepared[]} prepared
 * @param {(own: Picture['geometry']) => Picture['geometry']} geometryOf
 */
function measure(prepared, geometryOf) {
  /** @type {Measured[]} */
  const measured = prepared.map(() => ({ total: [], decode: [], masks: [], last: null }));
  for (let repeat = -warmUpRepeats; repeat < repeats; repeat++) {
    prepared.forEach(({ postprocessor, tensors, geometry }, index) => {
      const startMs = performance.now();
      const result = postprocessor.run(tensors, geometryOf(geometry), options);
      const totalMs = performance.now() - startMs;
      measured[index].last = result;
      if (repeat < 0) return;
      measured[index].total.push(totalMs);
      measured[index].decode.push(result.decodeMs);
      measured[index].masks.push(result.masksMs);
    });
  }
  return measured;
}

/**
 * @param {readonly Picture[]} scenes
 * @param {'float' | 'int32'} heads
 * @returns {Prepared[]}
 */
function prepare(scenes, heads) {
  if (heads === 'float') {
    const postprocessor = new Postprocessor(headsOf(scenes[0].tensors));
    return scenes.map((scene) => ({ ...scene, postprocessor }));
  }
  // Integer tensors have scales of their own in every picture.
  return scenes.map((scene) => {
    const tensors = withIntegers(scene.tensors, [...removals.six, 'proto']);
    return { ...scene, tensors, postprocessor: new Postprocessor(headsOf(tensors)) };
  });
}

/** One row per kind of heads, source size and picture. */
export async function stageRows() {
  const scenes = await loadScenes(pictures.stages);
  const rows = [];
  for (const heads of /** @type {const} */ (['float', 'int32'])) {
    const prepared = prepare(scenes, heads);
    for (const size of ['source', '1080p']) {
      const measured = measure(prepared, (geometry) => (size === 'source' ? geometry : fullHd));
      for (const [index, { total, decode, masks, last }] of measured.entries()) {
        rows.push({
          name: `postprocess ${heads} ${size} ${prepared[index].name}`,
          medianMs: median(total),
          decodeMs: median(decode),
          masksMs: median(masks),
          instances: last?.instances.count,
          candidates: last?.candidateCount,
          spanBytes: last?.instances.spans.byteLength,
        });
      }
    }
  }
  return rows;
}
