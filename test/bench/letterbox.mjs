// Our letterbox against plain libyuv calls in a C++ program, both in this run. Called by `npm run bench`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxNv12, letterboxRgbPlanar, wrapNv12 } from '#dist/native/core.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sidePx = 640;
// The two take turns, so that a machine that slows down slows both.
const turns = 5;
const roundsPerTurn = 30;

/**
 * @typedef {import('#dist/native/core.js').LetterboxRequest} LetterboxRequest
 * @typedef {{ name: string, size: [widthPx: number, heightPx: number], filter: 'bilinear' | 'box',
 *   letterbox: (request: LetterboxRequest) => Promise<{ durationMs: number }> }} Case
 */

/**
 * Names are those of letterbox_baseline.cc.
 *
 * @type {Case[]}
 */
const cases = [
  { name: '1080p bilinear to NV12', size: [1920, 1080], filter: 'bilinear', letterbox: toNv12 },
  { name: '1080p box to NV12', size: [1920, 1080], filter: 'box', letterbox: toNv12 },
  { name: '1080p bilinear to RGB planes', size: [1920, 1080], filter: 'bilinear', letterbox: toRgb },
  { name: '1080p box to RGB planes', size: [1920, 1080], filter: 'box', letterbox: toRgb },
  { name: '720p bilinear to NV12', size: [1280, 720], filter: 'bilinear', letterbox: toNv12 },
  { name: '720p bilinear to RGB planes', size: [1280, 720], filter: 'bilinear', letterbox: toRgb },
  { name: '1600x1200 box to NV12', size: [1600, 1200], filter: 'box', letterbox: toNv12 },
  { name: '960x544 bilinear to NV12', size: [960, 544], filter: 'bilinear', letterbox: toNv12 },
  { name: '800x600 bilinear to NV12', size: [800, 600], filter: 'bilinear', letterbox: toNv12 },
  { name: '800x600 bilinear to RGB planes', size: [800, 600], filter: 'bilinear', letterbox: toRgb },
  { name: '640x480 bilinear to NV12', size: [640, 480], filter: 'bilinear', letterbox: toNv12 },
  { name: '640x480 bilinear to RGB planes', size: [640, 480], filter: 'bilinear', letterbox: toRgb },
  { name: '320x240 bilinear to NV12', size: [320, 240], filter: 'bilinear', letterbox: toNv12 },
];

const planes = new ArrayBuffer(3 * sidePx * sidePx * 4);
const nv12 = new Uint8Array((sidePx * sidePx * 3) / 2);

/** @param {LetterboxRequest} request */
function toRgb(request) {
  return letterboxRgbPlanar({ ...request, output: planes });
}

/** @param {LetterboxRequest} request */
function toNv12(request) {
  return letterboxNv12({ ...request, output: nv12, pitchBytes: sidePx });
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Compiles letterbox_baseline into native/bin. */
export function buildBaseline() {
  const options = ['-d', 'native', '-O', 'native/build/bench', '-T', 'letterbox_baseline'];
  const cmake = ['cmake-js', 'compile', ...options, '--CDRDK_TARGET=core', '--CDRDK_BENCH=ON'];
  const { status, stdout, stderr } = spawnSync('npx', cmake, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`building letterbox_baseline failed\n${stdout}${stderr}`);
}

/** @returns {Record<string, number[]>} milliseconds of each case, by name */
function runBaseline() {
  const program = `${root}native/bin/letterbox_baseline`;
  const { status, stdout, error } = spawnSync(program, [String(roundsPerTurn)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed with status ${status}`, { cause: error });
  return JSON.parse(stdout);
}

/** @param {Case} task */
async function runOurs({ size, filter, letterbox }) {
  const [widthPx, heightPx] = size;
  const bytes = Uint8Array.from({ length: widthPx * heightPx * 1.5 }, (_, i) => i * 7 + (i >> 5));
  const layout = { widthPx, heightPx, yStrideBytes: widthPx, uvStrideBytes: widthPx };
  const frame = wrapNv12(bytes, { ...layout, uvOffsetBytes: widthPx * heightPx });
  const geometry = solveLetterbox(widthPx, heightPx, sidePx, sidePx);
  /** @type {LetterboxRequest} */
  const request = { frame, geometry, filter, yuvRange: 'full', preview: null };
  const times = [];
  await letterbox(request);
  for (let round = 0; round < roundsPerTurn; round++) times.push((await letterbox(request)).durationMs);
  closeFrame(frame);
  return times;
}

/**
 * Medians of one letterbox on its pool thread and of the same in plain libyuv; `ratio` is ours over libyuv's.
 * @returns {Promise<{ name: string, medianMs: number, baselineMs: number, ratio: number }[]>}
 */
export async function run() {
  buildBaseline();
  /** @type {number[][]} */
  const ours = cases.map(() => []);
  /** @type {number[][]} */
  const theirs = cases.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    const baseline = runBaseline();
    for (const [index, task] of cases.entries()) {
      ours[index].push(...(await runOurs(task)));
      theirs[index].push(...baseline[task.name]);
    }
  }
  return cases.map(({ name }, index) => {
    const medianMs = median(ours[index]);
    const baselineMs = median(theirs[index]);
    return { name: `letterbox ${name}`, medianMs, baselineMs, ratio: medianMs / baselineMs };
  });
}
