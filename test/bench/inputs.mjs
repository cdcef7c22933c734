// What each way of a frame into the node costs, from the camera's stamp to the model input: our subscriptions beside
// rclnodejs's isRaw with our letterbox behind it, and rclpy with numpy; and JPEG beside plain libjpeg. Needs ROS 2.
// Called by `npm run bench`.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxNv12, wrapPicture } from '#dist/native/core.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [widthPx, heightPx] = [1920, 1080];
const sidePx = 640;
const turns = 3;
const framesPerTurn = 60;
const image = 'sensor_msgs/msg/Image';
const compressed = 'sensor_msgs/msg/CompressedImage';
const hbmem = 'hbm_img_msgs/msg/HbmMsg1080P';

/**
 * @typedef {{ times: { toJsMs: number, toInputMs: number }[], cpuMs: number, planeMeans: number[] }} Turn what a receiver
 * measured; the means of red, green and blue of its last model input, 0 to 1
 * @typedef {{ name: string, type: string, command: string[], copies: string }} Way copies: of the picture, after the
 * middleware has it
 */

/** @param {string} way @param {string} type */
const node = (way, type) => [
  process.execPath,
  'test/bench/support/inputReceiver.mjs',
  way,
  type,
  String(framesPerTurn),
];

/** @type {Way[]} */
const ways = [
  { name: 'hbmem nv12', type: hbmem, command: node('ours', hbmem), copies: 'none' },
  { name: 'Image bgr8', type: image, command: node('ours', image), copies: '1, into a pooled buffer' },
  {
    name: 'Image bgr8, rclnodejs isRaw',
    type: image,
    command: node('isRaw', image),
    copies: '2, into new buffers',
  },
  {
    name: 'Image bgr8, rclpy and numpy',
    type: image,
    command: ['python3', 'test/bench/inputs_numpy.py', String(framesPerTurn)],
    copies: '2, into new arrays',
  },
  {
    name: 'CompressedImage',
    type: compressed,
    command: node('ours', compressed),
    copies: '1, into a pooled buffer',
  },
  {
    name: 'CompressedImage, rclnodejs isRaw',
    type: compressed,
    command: node('isRaw', compressed),
    copies: '2, into new buffers',
  },
];

/** @param {readonly number[]} values @param {number} share from 0 to 1 */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** @param {string} type @param {string} file of a JPEG */
function startSender(type, file) {
  const options = { type: hbmem, widthPx, heightPx, rateHz: 30, count: 100_000, waitForSubscriptions: 0 };
  const args =
    type === hbmem
      ? ['test/ros2/peers/camera.mjs', JSON.stringify(options)]
      : ['test/bench/support/inputSender.mjs', type === image ? 'image' : 'compressed', file];
  return spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] });
}

/** @param {string} type @param {string} file @param {Map<Way, Turn[]>} measured */
async function measureType(type, file, measured) {
  const sender = startSender(type, file);
  try {
    // The ways take turns, so that a machine that slows down slows all.
    for (let turn = 0; turn < turns; turn++) {
      for (const [way, turnsOfIt] of measured) {
        if (way.type !== type) continue;
        const [command, ...args] = way.command;
        const { stdout } = await promisify(execFile)(command, args, { cwd: root, timeout: 60_000 });
        turnsOfIt.push(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
      }
    }
  } finally {
    sender.stdin.end();
    await new Promise((resolve) => sender.once('exit', resolve));
  }
}

/** One JPEG from bytes to model input in this process, beside plain libjpeg at the same scale. @param {string} file */
async function measureJpeg(file) {
  const options = ['-d', 'native', '-O', 'native/build/bench', '-T', 'jpeg_baseline'];
  const cmake = ['cmake-js', 'compile', ...options, '--CDRDK_TARGET=core', '--CDRDK_BENCH=ON'];
  const built = spawnSync('npx', cmake, { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`building jpeg_baseline failed\n${built.stdout}${built.stderr}`);
  const bytes = new Uint8Array(readFileSync(file));
  const { frame } = wrapPicture(bytes, { format: 'jpeg', sizeBytes: bytes.length });
  const geometry = solveLetterbox(widthPx, heightPx, sidePx, sidePx);
  const output = new Uint8Array((sidePx * sidePx * 3) / 2);
  const request = {
    frame,
    geometry,
    filter: /** @type {const} */ ('auto'),
    yuvRange: /** @type {const} */ ('full'),
  };
  /** @type {number[]} */
  const ours = [];
  /** @type {number[]} */
  const plain = [];
  for (let turn = 0; turn < turns; turn++) {
    const { stdout } = spawnSync(`${root}native/bin/jpeg_baseline`, [file, '2', '40'], { encoding: 'utf8' });
    plain.push(...JSON.parse(stdout));
    for (let round = 0; round < 40; round++) {
      const report = await letterboxNv12({ ...request, preview: null, output, pitchBytes: sidePx });
      ours.push(report.durationMs);
    }
  }
  closeFrame(frame);
  // Not the median: on a busy machine that of a process of its own shows the others.
  const p10Ms = percentile(ours, 0.1);
  const baselineP10Ms = percentile(plain, 0.1);
  return {
    name: 'JPEG to model input; plain libjpeg at 1/2',
    p10Ms,
    baselineP10Ms,
    ratio: p10Ms / baselineP10Ms,
  };
}

/**
 * One row per way of those named, in turns, on a picture of 1920x1080 at 30 Hz. Throws where two ways of a type do not make the
 * same model input: their planes' means are a level of 255 apart.
 *
 * @param {readonly string[]} names
 * @param {string} file of a JPEG
 */
async function wayRows(names, file) {
  const chosen = ways.filter(({ name }) => names.includes(name));
  /** @type {Map<Way, Turn[]>} */
  const measured = new Map(chosen.map((way) => [way, []]));
  for (const type of new Set(chosen.map((way) => way.type))) await measureType(type, file, measured);
  return [...measured].map(([{ name, type, copies }, turnsOfIt]) => {
    const first = [...measured].find(([way]) => way.type === type)?.[1][0].planeMeans ?? [];
    const apart = turnsOfIt[0].planeMeans.map((mean, plane) => Math.abs(mean - first[plane]) * 255);
    if (!(Math.max(...apart) <= 1)) {
      throw new Error(
        `${name}: planes are ${apart.map((level) => level.toFixed(2)).join(', ')} levels apart`,
      );
    }
    const times = turnsOfIt.flatMap((turn) => turn.times);
    const toInputMs = times.map((one) => one.toInputMs);
    return {
      name,
      frames: times.length,
      stampToJsP50Ms: percentile(
        times.map((one) => one.toJsMs),
        0.5,
      ),
      stampToInputP50Ms: percentile(toInputMs, 0.5),
      stampToInputP95Ms: percentile(toInputMs, 0.95),
      // All threads of the process.
      cpuMsPerFrame: turnsOfIt.reduce((total, turn) => total + turn.cpuMs, 0) / times.length,
      copies,
    };
  });
}

/**
 * Calls `use` with the file of a JPEG of 1920x1080, which is gone afterwards.
 *
 * @template Result
 * @param {(file: string) => Promise<Result>} use
 */
async function withPicture(use) {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-bench-'));
  const file = join(folder, 'picture.jpg');
  try {
    const picture = sharp(`${root}assets/evalset/images/1000009_640x360.jpg`).resize(widthPx, heightPx);
    await picture.jpeg({ quality: 85 }).toFile(file);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One row of ours and one of rclpy with numpy, of the same Images. */
export function imageRows() {
  return withPicture((file) => wayRows(['Image bgr8', 'Image bgr8, rclpy and numpy'], file));
}

/** @returns {Promise<Record<string, unknown>[]>} one row per way, and one of JPEG alone */
export function run() {
  const names = ways.map(({ name }) => name);
  return withPicture(async (file) => [...(await wayRows(names, file)), await measureJpeg(file)]);
}
