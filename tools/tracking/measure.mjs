#!/usr/bin/env node
// The figures of docs/tracking.md: objects followed by boxes and masks, and by boxes alone, on the same detections.
//
//     node tools/tracking/measure.mjs            # some 15 min; writes out/tracking
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from '../../dist/backends/registry.js';
import { toPostprocessOptions, toSessionOptions, toTrackingOptions } from '../../dist/config/options.js';
import { ParameterStore } from '../../dist/config/store.js';
import { TrackIds } from '../../dist/core/tracks.js';
import { openInput } from '../../dist/offline/openInput.js';
import { PictureMemory } from '../../dist/offline/pictureMemory.js';
import { FrameTracking } from '../../dist/tracking/frameTracking.js';
import { ensureVenv } from '../../scripts/pythonTool.mjs';
import { root } from '../../scripts/setup/paths.mjs';

/**
 * @typedef {import('../../dist/core/result.js').Instances} Instances
 * @typedef {[id: number, classId: number, x1: number, y1: number, x2: number, y2: number]} Row
 * @typedef {{ boxes: number[], scores: number[], classIds: number[], spans: string, spanStarts: number[] }} Packed
 * @typedef {{ name: string, truth: Row[][], found: Instances[], rateHz: number }} Sequence
 */

const out = join(root, 'out', 'tracking');
const { values } = new ParameterStore({ 'tracking.enabled': true });
const options = /** @type {import('../../dist/core/tracks.js').TrackingOptions} */ (
  toTrackingOptions(values)
);
/** Every frame, every third one, and a third of them at random. */
const choices = {
  every: () => true,
  third: (/** @type {number} */ frame) => frame % 3 === 0,
  random: (/** @type {number} */ frame) => ((frame * 2_654_435_761) >>> 7) % 3 === 0,
};
/** ByteTrack's own least similarities are 0.2 and 0.5. */
const contestants = {
  masks: options,
  boxes: { ...options, usesMasks: false },
  bytetrack: { ...options, usesMasks: false, matchSimilarity: 0.2, lowMatchSimilarity: 0.5 },
};

const requirements = readFileSync(join(root, 'tools/tracking/requirements.txt'), 'utf8').trim().split('\n');
const python = await ensureVenv('tracking', 'python', requirements);
/** @param {string[]} args */
const run = (...args) =>
  execFileSync(python, args, { encoding: 'utf8', env: { ...process.env, PYTHONPATH: '' } });
/** @param {string} name */
const script = (name) => join(root, 'tools/tracking', name);
/** @param {string[]} path */
const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

/**
 * @param {Packed} packed
 * @returns {Instances}
 */
function unpacked({ boxes, scores, classIds, spans, spanStarts }) {
  const bytes = Uint8Array.from(Buffer.from(spans, 'base64'));
  return {
    count: scores.length,
    boxesImage: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
    classIds: Uint16Array.from(classIds),
    spans: new Uint16Array(bytes.buffer),
    spanStarts: Uint32Array.from(spanStarts),
    contours: null,
  };
}

/**
 * What the demo model finds in the pictures of a folder.
 *
 * @param {string} folder
 */
async function detect(folder) {
  const model = join(root, 'assets/models/shapes-seg.onnx');
  const session = await openSession('auto', toSessionOptions(values, model));
  const postprocess = toPostprocessOptions(values, session.model.classNames);
  /** @type {Instances[]} */
  const found = [];
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.jpg'))
    .sort()) {
    const path = join(folder, name);
    const input = /** @type {const} */ ({
      kind: 'picture',
      path,
      name,
      sizeBytes: async () => statSync(path).size,
      read: async () => readFileSync(path),
    });
    const place = new PictureMemory(false).enter();
    const { lease } = await openInput(input, { sequence: found.length, frameId: '' }, place);
    const prepared = await session.prepare(lease, null).finally(() => lease.close());
    const { instances } = await session.run(prepared, { ...postprocess, contourTolerancePx: null });
    found.push(instances);
  }
  await session.close();
  return found;
}

/**
 * @param {Sequence} sequence
 * @param {import('../../dist/core/tracks.js').TrackingOptions} how
 * @param {(frame: number) => boolean} isSeen
 */
function follow({ truth, found, rateHz }, how, isSeen) {
  const tracking = new FrameTracking(new TrackIds(), String, how);
  const frames = truth.flatMap((seen, frame) => {
    if (!isSeen(frame)) return [];
    const header = { stampNs: BigInt(Math.round((frame * 1e9) / rateHz)) };
    const result = /** @type {import('../../dist/core/result.js').FrameResult} */ (
      /** @type {unknown} */ ({ header, instances: found[frame], tracks: null })
    );
    const { instances, tracks } = tracking.follow(result, false);
    const ids = tracks?.ids ?? [];
    const rows = Array.from(ids, (id, i) => [
      ...[id, instances.classIds[i]],
      ...instances.boxesImage.subarray(i * 4, i * 4 + 4),
    ]).filter(([id]) => id);
    return [{ truth: seen, tracks: rows }];
  });
  return { truth: frames.map((one) => one.truth), tracks: frames.map((one) => one.tracks) };
}

/**
 * How much better IDF1 is than with boxes alone at the same thresholds, sequence by sequence; nothing for other contestants.
 *
 * @param {{ name: string }} figure
 */
function overBoxes({ name }) {
  if (!name.endsWith('-masks')) return [];
  /** @param {string} of */
  const bySequence = (of) =>
    Object.values(figures.find((other) => other.name === of)['IDF1 by sequence']).map(Number);
  const boxes = bySequence(name.replace(/masks$/, 'boxes'));
  const gains = bySequence(name).map((idf1, i) => idf1 - (boxes[i] ?? Number.NaN));
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  const spread = Math.sqrt(squares / (gains.length - 1));
  const better = gains.filter((gain) => gain > 0.05).length;
  const worse = gains.filter((gain) => gain < -0.05).length;
  return [[name, { mean: mean.toFixed(2), spread: spread.toFixed(2), better, worse, of: gains.length }]];
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
// Nothing was chosen on these scenes; docs/tracking.md says on which it was.
const seeds = Array.from({ length: 20 }, (_, i) => String(i + 301));
const pictureSeeds = seeds.slice(0, 16);
run(script('judge.py'), 'people', join(out, 'people'));
run(script('scenes.py'), 'made', join(out, 'made'), ...seeds);
run(script('scenes.py'), 'pictures', join(out, 'model'), ...pictureSeeds);
/** @type {Record<string, Sequence[]>} */
const sets = { made: [], model: [], people: [] };
for (const [set, rateHz] of /** @type {const} */ ([
  ['made', 30],
  ['model', 30],
  ['people', 25],
])) {
  for (const name of readdirSync(join(out, set))) {
    const folder = join(out, set, name);
    const found = set === 'model' ? await detect(folder) : readJson(folder, 'detections.json').map(unpacked);
    sets[set]?.push({ name, truth: readJson(folder, 'truth.json'), found, rateHz });
  }
}
const folders = [];
for (const [set, sequences] of Object.entries(sets)) {
  for (const [choice, isSeen] of Object.entries(choices)) {
    for (const [contestant, how] of Object.entries(contestants)) {
      const folder = join(out, 'tracks', `${set}-${choice}-${contestant}`);
      mkdirSync(folder, { recursive: true });
      folders.push(folder);
      for (const sequence of sequences)
        writeFileSync(join(folder, `${sequence.name}.json`), JSON.stringify(follow(sequence, how, isSeen)));
    }
  }
}
const figures = run(script('judge.py'), 'figures', ...folders)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
console.table(Object.fromEntries(figures.map(({ name, 'IDF1 by sequence': _, ...rest }) => [name, rest])));
console.table(Object.fromEntries(figures.flatMap(overBoxes)));
writeFileSync(join(out, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
