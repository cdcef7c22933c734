// Outputs of a model to instances with masks at 1920x1080: ours, EdgeFirst's Rust and numpy.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boxOf } from '#dist/core/spans.js';
import { defaultLimits, Postprocessor } from '#dist/postprocess/postprocess.js';
import { openThreadClock } from '../postprocess/compile.mjs';
import { runNumpy } from '../postprocess/contestants.mjs';
import { makeOurs } from '../postprocess/ours.mjs';
import { ours, ratioRow, stageRow } from '../postprocess/rows.mjs';
import { writeScenes } from '../postprocess/sceneFiles.mjs';
import { fullHd, headsOf, loadScenes, options, pictures } from '../postprocess/scenes.mjs';
import { runFieldScript } from './python.mjs';
import { assertSameDetections } from './sameWork.mjs';

const rounds = 3;
const repeats = 15;
const names = Object.values(pictures.comparison);

/**
 * @typedef {import('../postprocess/contestants.mjs').ContestantResult} Result
 * @typedef {import('../postprocess/rows.mjs').SceneTimes} SceneTimes
 * @typedef {import('../postprocess/sceneFiles.mjs').Scene} Scene
 * @typedef {(repeats: number) => SceneTimes[]} Contestant
 */

/**
 * @param {Scene} scene
 * @returns {import('../../oracle/oracle.ts').OracleDetection[]}
 */
function oursOf({ heads, tensors, geometry }) {
  const { instances } = new Postprocessor(heads).run(tensors, geometry, options);
  return Array.from({ length: instances.count }, (_, index) => {
    const { x1, y1, x2, y2 } = boxOf(instances, index);
    /** @type {[number, number, number][]} */
    const spans = [];
    for (let at = instances.spanStarts[index]; at < instances.spanStarts[index + 1]; at++) {
      const [y, from, to] = instances.spans.subarray(at * 3, at * 3 + 3);
      spans.push([y, from, to]);
    }
    return {
      box: [x1, y1, x2, y2],
      score: instances.scores[index],
      classId: instances.classIds[index],
      spans,
    };
  });
}

/**
 * The stock export's outputs of the same pictures, which are also written for the others.
 *
 * @param {readonly Scene[]} scenes
 * @param {string} folder
 * @returns {Promise<Scene[]>}
 */
async function stockScenes(scenes, folder) {
  const loaded = await loadScenes(names, 'yolov8n-seg-ultra-w8.onnx');
  return loaded.map(({ name, tensors }, index) => {
    const file = join(folder, name.replaceAll(' ', '_'));
    writeFileSync(`${file}.rows.f32`, tensors[0].data);
    writeFileSync(`${file}.proto.f32`, tensors[1].data);
    return { ...scenes[index], tensors, heads: headsOf(tensors) };
  });
}

/**
 * CPU milliseconds of the contestants in turns, as medians of rounds; the ratio is ours over the other's.
 *
 * @param {string} form of the outputs
 * @param {readonly Scene[]} scenes
 * @param {Map<string, Contestant>} contestants
 */
function compare(form, scenes, contestants) {
  // Compiles our code; the others are as fast from the start.
  contestants.get(ours)?.(repeats);
  const measured = Array.from(
    { length: rounds },
    () => new Map([...contestants].map(([name, run]) => [name, run(repeats)])),
  );
  return scenes.flatMap((_, index) =>
    [...contestants.keys()].map((contestant) => {
      const { name, objects, decodeMs, masksMs, totalMs } = stageRow(measured, contestant, index);
      const { decodeRatio, masksRatio, totalRatio } = ratioRow(measured, contestant, index);
      return {
        name: `${form} ${name}`,
        objects,
        decodeMs,
        masksMs,
        totalMs,
        decodeRatio,
        masksRatio,
        totalRatio,
      };
    }),
  );
}

/** @param {readonly Result[]} results */
const asTimes = (results) => results.map((one) => ({ ...one, decodeMs: one.scanMs + one.nmsMs }));

/**
 * Rows of CPU milliseconds per picture and contestant: raw heads, then the stock export, which numpy's script does not read.
 * Throws where a contestant finds something else than we do.
 *
 * @param {string} python
 */
export async function postprocessRows(python) {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-field-'));
  try {
    const threadCpuMs = openThreadClock(folder);
    const loaded = await loadScenes(names);
    if (loaded[0].name === 'synthetic')
      throw new Error('RDK_YOLO_SEG_DATA is not set: there are no real tensors');
    const raw = loaded.map((scene) => ({
      ...scene,
      geometry: fullHd,
      heads: headsOf(scene.tensors),
      options,
      ...defaultLimits,
    }));
    writeScenes(folder, raw);
    const stock = await stockScenes(raw, folder);
    const rows = [];
    for (const [form, scenes] of /** @type {const} */ ([
      ['raw', raw],
      ['stock', stock],
    ])) {
      /** @param {number} count @param {boolean} withDetections @returns {Result[]} */
      const edgefirst = (count, withDetections) =>
        runFieldScript(python, 'edgefirst_masks.py', [
          folder,
          String(count),
          withDetections ? '1' : '0',
          form,
        ]);
      edgefirst(1, true).forEach(({ detections }, index) => {
        const what = `${form} ${scenes[index].name}, ours beside EdgeFirst`;
        assertSameDetections(what, oursOf(scenes[index]), detections);
      });
      /** @type {Map<string, Contestant>} */
      const contestants = new Map();
      contestants.set(ours, makeOurs(scenes, threadCpuMs));
      contestants.set('EdgeFirst', (count) => asTimes(edgefirst(count, false)));
      if (form === 'raw') {
        runNumpy(python, folder, 'lean', { withDetections: true }).forEach(({ detections }, index) => {
          assertSameDetections(`${scenes[index].name}, ours beside numpy`, oursOf(scenes[index]), detections);
        });
        contestants.set('numpy', (count) =>
          asTimes(runNumpy(python, folder, 'lean', { repeats: Math.ceil(count / 3) })),
        );
      }
      rows.push(...compare(form, scenes, contestants));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
