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

const baselineFlags = {
  'C++ -O2': ['-O2'],
  'C++ -O3': ['-O3'],
  'C++ -O2 loop': ['-O2', '-DBEST_CLASS_BY_LOOP'],
};

async function pictureScenes() {
  const labels = Object.entries(pictures.comparison);
  const scenes = await loadScenes(labels.map(([, picture]) => picture));
  return scenes.map((scene) => {
    const name = labels.find(([, picture]) => picture === scene.name)?.[0] ?? scene.name;
    return { ...scene, name, geometry: fullHd };
  });
}

/** Every contestant as a function of a number of repeats; the programs read their scenes from `folder`. */
function makeContestants(scenes, folder, threadCpuMs, numpyWays) {
  const runOurs = makeOurs(scenes, threadCpuMs);
  const contestants = new Map([[ours, ({ oursRepeats }) => runOurs(oursRepeats)]]);
  for (const [name, flags] of Object.entries(baselineFlags)) {
    const program = compileBaseline(folder, flags);
    contestants.set(name, ({ repeats }) => runBaseline(program, folder, { repeats }));
  }
  const python = findNumpyPython();
  if (python === null) {
    console.error('skipped: numpy contestants, no python3 with numpy');
    return contestants;
  }
  for (const way of numpyWays) {
    contestants.set(`numpy ${way}`, ({ numpyRepeats }) =>
      runNumpy(python, folder, way, { repeats: numpyRepeats }),
    );
  }
  return contestants;
}

/** Results as [round][contestant] -> one entry per scene; the contestants take turns within a round. */
function runRounds(contestants, effort) {
  return Array.from(
    { length: effort.rounds },
    () =>
      new Map(
        [...contestants].map(([name, run]) => [
          name,
          // The programs tell NMS from the rest; ours has both in decodeMs.
          run(effort).map((scene) => ({ ...scene, decodeMs: scene.decodeMs ?? scene.scanMs + scene.nmsMs })),
        ]),
      ),
  );
}

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
    contestants.get(ours)(effort);
    const rounds = runRounds(contestants, effort);
    const others = [...contestants.keys()].filter((name) => name !== ours);
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
    const usual = {
      rounds: 5,
      oursRepeats: 40,
      repeats: 30,
      numpyRepeats: 5,
      numpyWays: ['plain', 'lean'],
    };
    // The plain way would take ten seconds for a frame of 300 masks.
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
