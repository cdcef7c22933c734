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
 * @typedef {{ times: { toJsMs: number, toInputMs: number }[], cpuMs: number }} Turn what a receiver measured
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

/** @param {string} type @param {string} file @param {Record<string, Turn[]>} measured */
async function measureType(type, file, measured) {
  const sender = startSender(type, file);
  try {
    // The ways take turns, so that a machine that slows down slows all.
    for (let turn = 0; turn < turns; turn++) {
      for (const way of ways.filter((one) => one.type === type)) {
        const [command, ...args] = way.command;
        const { stdout } = await promisify(execFile)(command, args, { cwd: root, timeout: 60_000 });
        measured[way.name].push(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
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
  const medianMs = percentile(ours, 0.5);
  const baselineMs = percentile(plain, 0.5);
  return {
    name: 'JPEG to model input; plain libjpeg at 1/2',
    medianMs,
    baselineMs,
    ratio: medianMs / baselineMs,
  };
}

/** @returns {Promise<Record<string, unknown>[]>} one row per way, and one of JPEG alone */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-bench-'));
  const file = join(folder, 'picture.jpg');
  /** @type {Record<string, Turn[]>} */
  const measured = Object.fromEntries(ways.map(({ name }) => [name, []]));
  try {
    const picture = sharp(`${root}assets/evalset/images/1000009_640x360.jpg`).resize(widthPx, heightPx);
    await picture.jpeg({ quality: 85 }).toFile(file);
    for (const type of [hbmem, image, compressed]) await measureType(type, file, measured);
    const rows = ways.map(({ name, copies }) => {
      const times = measured[name].flatMap((turn) => turn.times);
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
        cpuMsPerFrame: measured[name].reduce((total, turn) => total + turn.cpuMs, 0) / times.length,
        copies,
      };
    });
    return [...rows, await measureJpeg(file)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
