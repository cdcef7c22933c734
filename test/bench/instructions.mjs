// How many arm64 instructions each stage of a frame takes behind the inference: JavaScript as the package's Node compiles it for
// the X5's cores, counted by QEMU. Counts do not depend on the machine or its load. Called by `npm run bench -- instructions`;
// needs qemu-user, libc6-arm64-cross, libstdc++6-arm64-cross and RDK_YOLO_SEG_DATA.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { installNodeRuntime } from '../../scripts/package/nodeRuntime.mjs';
import { targetOf } from '../../scripts/package/targets.mjs';
import { which } from '../../scripts/setup/toolchain.mjs';
import { median } from './postprocess/median.mjs';
import {
  fullHd,
  headsOf,
  loadScenes,
  options,
  pictures,
  removals,
  withIntegers,
} from './postprocess/scenes.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('instructions/', import.meta.url));
/** Where the C library for arm64 lies, as Debian's libc6-arm64-cross installs it, and the emulator that takes plugins. */
const libraries = process.env.RDK_ARM64_LIBRARIES ?? '/usr/aarch64-linux-gnu';
const emulator = process.env.RDK_QEMU_AARCH64 ?? 'qemu-aarch64';
const work = { warmUpRuns: 60, runs: 5 };
const stages = /** @type {const} */ (['decode', 'masks', null, 'detectionsMessage', 'masksMessage']);

/**
 * Counts between the marks of frames.mjs, in millions, as medians of the runs. The third span holds nothing but a mark, which is
 * taken off the others.
 *
 * @param {readonly number[]} counts of all marks, six a run and scene
 * @param {number} sceneCount
 */
function stageCounts(counts, sceneCount) {
  const perRun = (stages.length + 1) * sceneCount;
  if (counts.length !== perRun * work.runs)
    throw new Error(`${counts.length} marks, not ${perRun * work.runs}`);
  return Array.from({ length: sceneCount }, (_, scene) => {
    const spans = stages.map((_stage, stage) =>
      median(
        Array.from({ length: work.runs }, (_run, run) => {
          const at = run * perRun + scene * (stages.length + 1) + stage;
          return counts[at + 1] - counts[at];
        }),
      ),
    );
    const markCount = spans[stages.indexOf(null)];
    return Object.fromEntries(
      stages.flatMap((stage, index) => (stage === null ? [] : [[stage, (spans[index] - markCount) / 1e6]])),
    );
  });
}

/**
 * Runs scenes in a process of their own, as no node runs both kinds of heads: code that has seen both is slower.
 *
 * @param {string} temporary with node and count.so
 * @param {readonly object[]} scenes
 */
function countScenes(temporary, scenes) {
  const [plugin, log, file] = ['count.so', 'counts', 'scenes'].map((name) => join(temporary, name));
  writeFileSync(file, serialize({ scenes, ...work }));
  const node = [join(temporary, 'bin', 'node'), join(folder, 'frames.mjs'), file];
  const args = ['-L', libraries, '-d', 'plugin', '-D', log, '-plugin', plugin, ...node];
  const { status, stderr, error } = spawnSync(emulator, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${emulator} ${args.join(' ')} ended with ${status}\n${stderr}`, { cause: error });
  }
  return stageCounts(readFileSync(log, 'utf8').trim().split('\n').map(Number), scenes.length);
}

/** @returns {Promise<Record<string, unknown>[]>} one row per kind of heads and picture, in millions of instructions */
export async function run() {
  if (which(emulator) === null || !existsSync(libraries)) {
    throw new Error(
      `no ${emulator} or no ${libraries}: sudo apt-get install qemu-user libc6-arm64-cross libstdc++6-arm64-cross`,
    );
  }
  const loaded = await loadScenes(Object.values(pictures.comparison));
  const temporary = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-instructions-'));
  try {
    const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
    execFileSync('cc', [...flags, '-o', join(temporary, 'count.so'), `${folder}count.c`]);
    await installNodeRuntime(targetOf('humble', 'arm64').architecture, temporary);
    return Object.entries({ float: [], integers: [...removals.six, /** @type {const} */ ('proto')] }).flatMap(
      ([kind, roles]) => {
        const scenes = loaded.map((scene) => {
          const tensors = withIntegers(scene.tensors, roles);
          return { tensors, geometry: fullHd, heads: headsOf(tensors), options };
        });
        return countScenes(temporary, scenes).map((row, index) => ({
          name: `instructions ${kind} ${loaded[index].name}`,
          ...row,
          all: Object.values(row).reduce((sum, count) => sum + count, 0),
        }));
      },
    );
  } finally {
    rmSync(temporary, { recursive: true });
  }
}
