// Pictures of a camera to a model input of 640x640 in planes of float: ours, EdgeFirst's Rust, OpenCV and libyuv.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxRgbPlanar, rgbToNv12, wrapNv12, wrapPicture } from '#dist/native/core.js';
import { buildBaseline } from '../letterbox.mjs';
import { median } from '../postprocess/median.mjs';
import { runFieldScript } from './python.mjs';
import { assertSamePlanes } from './sameWork.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sidePx = 640;
const rounds = 3;
const runsPerRound = 5;
const repeats = 10;

/**
 * @typedef {{ name: string, kind: 'nv12' | 'jpeg', widthPx: number, heightPx: number, mostMean: number }} Case
 * `mostMean`: how many levels of 255 two ways may differ on average. All of NV12 are bilinear; they differ by where chroma lies
 * and in rounding. Our JPEG is decoded at half size, which is a mean over pixels where the others take one of them.
 */

/** @type {Case[]} */
const cases = [
  { name: '1080p', kind: 'nv12', widthPx: 1920, heightPx: 1080, mostMean: 2 },
  { name: '1600x900', kind: 'nv12', widthPx: 1600, heightPx: 900, mostMean: 2 },
  { name: '1080p', kind: 'jpeg', widthPx: 1920, heightPx: 1080, mostMean: 3 },
];

/**
 * The case's picture as a file for the others, and as bytes for us.
 *
 * @param {Case} one
 * @param {string} folder
 */
async function makePicture({ name, kind, widthPx, heightPx }, folder) {
  const picture = sharp(`${root}assets/evalset/images/1000009_640x360.jpg`).resize(widthPx, heightPx);
  let bytes;
  if (kind === 'jpeg') {
    bytes = new Uint8Array(await picture.jpeg({ quality: 85 }).toBuffer());
  } else {
    const rgb = new Uint8Array(await picture.removeAlpha().raw().toBuffer());
    bytes = new Uint8Array((widthPx * heightPx * 3) / 2);
    await rgbToNv12({ rgb, widthPx, heightPx, yuvRange: 'limited', output: bytes });
  }
  writeFileSync(join(folder, `${name}.${kind}`), bytes);
  return bytes;
}

/**
 * Our letterbox of a case: CPU milliseconds of all threads, several values, and what it made.
 *
 * @param {Case} one
 * @param {Uint8Array} bytes
 */
function makeOurs({ kind, widthPx, heightPx }, bytes) {
  const strides = { yStrideBytes: widthPx, uvStrideBytes: widthPx, uvOffsetBytes: widthPx * heightPx };
  const frame =
    kind === 'jpeg'
      ? wrapPicture(bytes, { format: 'jpeg', sizeBytes: bytes.length }).frame
      : wrapNv12(bytes, { widthPx, heightPx, ...strides });
  const output = new ArrayBuffer(3 * sidePx * sidePx * 4);
  /** @type {import('#dist/native/core.js').LetterboxRequest & { output: ArrayBuffer }} */
  const request = {
    frame,
    geometry: solveLetterbox(widthPx, heightPx, sidePx, sidePx),
    filter: kind === 'jpeg' ? 'auto' : 'bilinear',
    // A JPEG is of full range, whatever is said here of cameras.
    yuvRange: 'limited',
    preview: null,
    output,
  };
  return {
    planes: new Float32Array(output),
    close: () => closeFrame(frame),
    run: async () => {
      const times = [];
      await letterboxRgbPlanar(request);
      for (let round = 0; round < runsPerRound; round++) {
        const before = process.cpuUsage();
        for (let repeat = 0; repeat < repeats; repeat++) await letterboxRgbPlanar(request);
        const { user, system } = process.cpuUsage(before);
        times.push((user + system) / 1e3 / repeats);
      }
      return times;
    },
  };
}

/**
 * @param {Case} one
 * @param {string} folder
 */
function runLibyuv({ name, widthPx, heightPx }, folder) {
  const program = `${root}native/bin/letterbox_baseline`;
  const files = [join(folder, `${name}.nv12`), join(folder, `${name}.libyuv.f32`)];
  const args = [String(runsPerRound * repeats), String(widthPx), String(heightPx), ...files];
  const { status, stdout, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed with status ${status}`, { cause: error });
  /** @type {Record<string, number[]>} */
  const times = JSON.parse(stdout);
  return Object.values(times)[0];
}

/**
 * @param {Case} one
 * @param {string} folder
 * @param {string} python
 */
async function caseRows(one, folder, python) {
  const { name, kind, widthPx, heightPx } = one;
  const ours = makeOurs(one, await makePicture(one, folder));
  /** @type {Record<string, number[]>} */
  const times = { ours: [] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(...(await ours.run()));
    const sizes = [widthPx, heightPx, sidePx, runsPerRound].map(String);
    /** @type {Record<string, number[]>} */
    const others = runFieldScript(python, 'pictures.py', [folder, name, kind, ...sizes]);
    if (kind === 'nv12') others.libyuv = runLibyuv(one, folder);
    for (const [way, found] of Object.entries(others)) times[way] = [...(times[way] ?? []), ...found];
  }
  const medianOurs = median(times.ours);
  const rows = Object.entries(times).map(([way, found]) => {
    const apart = { mean: 0, greatest: 0 };
    if (way !== 'ours') {
      const { buffer } = Uint8Array.from(readFileSync(join(folder, `${name}.${way}.f32`)));
      const what = `${kind} ${name}, ours beside ${way}`;
      Object.assign(apart, assertSamePlanes(what, ours.planes, new Float32Array(buffer), one.mostMean));
    }
    const cpuMs = median(found);
    return {
      name: `${kind} ${name} ${way}`,
      cpuMs,
      oursOverTheirs: medianOurs / cpuMs,
      levelsApartMean: apart.mean,
      levelsApartMost: apart.greatest,
    };
  });
  ours.close();
  return rows;
}

/**
 * Rows of CPU milliseconds per picture and way, and by how much the way's input differs from ours. Throws where that is more than
 * different rounding explains.
 *
 * @param {string} python
 */
export async function pictureRows(python) {
  buildBaseline();
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-field-'));
  try {
    const rows = [];
    for (const one of cases) rows.push(...(await caseRows(one, folder, python)));
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
