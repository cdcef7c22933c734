// Our post-processing beside plain C++ and numpy, on the same tensors in the same run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { compileBaseline, openThreadClock } from './compile.mjs';
import { findNumpyPython, runBaseline, runNumpy } from './contestants.mjs';
import { makeOurs } from './ours.mjs';
import { boundRow, ours, ratioRow, stageRow } from './rows.mjs';
import { writeScenes } from './sceneFiles.mjs';
import { fullHd, headsOf, loadScenes, options, pictures, worstScene } from './scenes.mjs';

/**
 * @typedef {import('./rows.mjs').Round} Round
 * @typedef {import('./rows.mjs').SceneTimes} SceneTimes
 * @typedef {import('./sceneFiles.mjs').Scene} Scene
 * @typedef {import('./scenes.mjs').Picture} Picture
 * @typedef {{ rounds: number, oursRepeats: number, repeats: number, numpyRepeats: number,
 *   numpyWays: ('lean' | 'plain')[] }} Effort
 * @typedef {(effort: Effort) => SceneTimes[]} Contestant
 */

const baselineFlags = {
  'C++ -O2': ['-O2'],
  'C++ -O3': ['-O3'],
  'C++ -O2 loop': ['-O2', '-DBEST_CLASS_BY_LOOP'],
};

/** @returns {Promise<Picture[]>} */
async function pictureScenes() {
  const labels = Object.entries(pictures.comparison);
  const scenes = await loadScenes(labels.map(([, picture]) => picture));
  return scenes.map((scene) => {
    const name = labels.find(([, picture]) => picture === scene.name)?.[0] ?? scene.name;
    return { ...scene, name, geometry: fullHd };
  });
}

/**
 * The programs tell NMS from the rest; ours has both in decodeMs.
 *
 * @param {import('./contestants.mjs').ContestantResult} scene
 */
const withDecodeMs = (scene) => ({ ...scene, decodeMs: scene.scanMs + scene.nmsMs });

/**
 * Every contestant as a function of a number of repeats; the programs read their scenes from `folder`.
 *
 * @param {readonly Scene[]} scenes
 * @param {string} folder
 * @param {() => number} threadCpuMs
 * @param {readonly ('lean' | 'plain')[]} numpyWays
 * @returns {Map<string, Contestant>}
 */
function makeContestants(scenes, folder, threadCpuMs, numpyWays) {
  const runOurs = makeOurs(scenes, threadCpuMs);
  /** @type {Map<string, Contestant>} */
  const contestants = new Map([[ours, ({ oursRepeats }) => runOurs(oursRepeats)]]);
  for (const [name, flags] of Object.entries(baselineFlags)) {
    const program = compileBaseline(folder, flags);
    contestants.set(name, ({ repeats }) => runBaseline(program, folder, { repeats }).map(withDecodeMs));
  }
  const python = findNumpyPython();
  if (python === null) {
    console.error('skipped: numpy contestants, no python3 with numpy');
    return contestants;
  }
  for (const way of numpyWays) {
    contestants.set(`numpy ${way}`, ({ numpyRepeats }) =>
      runNumpy(python, folder, way, { repeats: numpyRepeats }).map(withDecodeMs),
    );
  }
  return contestants;
}

/**
 * Results as [round][contestant] -> one entry per scene; the contestants take turns within a round.
 *
 * @param {Map<string, Contestant>} contestants
 * @param {Effort} effort
 * @returns {Round[]}
 */
function runRounds(contestants, effort) {
  return Array.from(
    { length: effort.rounds },
    () => new Map([...contestants].map(([name, run]) => [name, run(effort)])),
  );
}

/**
 * @param {readonly Picture[]} scenes
 * @param {() => number} threadCpuMs
 * @param {Effort} effort
 */
function compare(scenes, threadCpuMs, effort) {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-bench-'));
  try {
    const prepared = scenes.map((scene) => ({
      ...scene,
      heads: headsOf(scene.tensors),
      options,
      ...defaultLimits,
    }));
    writeScenes(folder, prepared);
    const contestants = makeContestants(prepared, folder, threadCpuMs, effort.numpyWays);
    // Compiles our code; the others are as fast from the start.
    contestants.get(ours)?.(effort);
    const rounds = runRounds(contestants, effort);
    const others = [...contestants.keys()].filter((name) => name !== ours);
    /**
     * @template Row
     * @param {readonly string[]} names
     * @param {(rounds: readonly Round[], name: string, index: number) => Row} makeRow
     */
    const each = (names, makeRow) =>
      scenes.flatMap((_, index) => names.map((name) => makeRow(rounds, name, index)));
    return {
      rounds,
      stages: each([...contestants.keys()], stageRow),
      ratios: each(others, ratioRow),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Rows of CPU milliseconds per scene and contestant, medians over rounds, and of ratios. `scanMs` is the scan alone
 * for ours and includes the boxes for the others; `decodeMs` is everything before the masks. Ours gives spans, the
 * others bytes.
 */
export async function comparisonRows() {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-bench-'));
  try {
    const threadCpuMs = openThreadClock(folder);
    /** @type {Effort} */
    const usual = {
      rounds: 5,
      oursRepeats: 40,
      repeats: 30,
      numpyRepeats: 5,
      numpyWays: ['plain', 'lean'],
    };
    // The plain way would take ten seconds for a frame of 300 masks.
    /** @type {Effort} */
    const worst = { rounds: 3, oursRepeats: 5, repeats: 3, numpyRepeats: 3, numpyWays: ['lean'] };
    const usualPart = compare(await pictureScenes(), threadCpuMs, usual);
    const worstPart = compare([worstScene()], threadCpuMs, worst);
    return [
      ...usualPart.stages,
      ...worstPart.stages,
      ...usualPart.ratios,
      ...worstPart.ratios,
      boundRow(worstPart.rounds),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
