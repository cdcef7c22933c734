// Frames per second of fakednn with one and two tasks in flight; the X5 has 96 and 182.
// Called by `npm run bench`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packedSpec } from '#dist/core/tensor.js';
import { boardTimes, fakednnHead, renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';

const program = fileURLToPath(new URL('../../native/bin/fakednn/fakednn_rate', import.meta.url));

/**
 * @typedef {import('../../tools/fakednn/modelInfo.mjs').OutputInfo} OutputInfo
 * @typedef {{ name: string, outputs: OutputInfo[], isChecked: boolean }} Model
 * `isChecked`: rates other than the board's are an error.
 */

/**
 * A float output of `channels` values per cell of a square grid.
 *
 * @param {number} side
 * @param {number} channels
 * @param {number} index
 * @returns {OutputInfo}
 */
function output(side, channels, index) {
  return packedSpec(`output${index}`, [1, side, side, channels]);
}

/**
 * Those of a YOLOv8n-seg with 80 classes: 9.2 MB, which fakednn copies for each frame.
 *
 * @type {[side: number, channels: number][]}
 */
const heads = [80, 40, 20].flatMap((side) =>
  [32, 64, 80].map((channels) => /** @type {[number, number]} */ ([side, channels])),
);
/** @type {Model[]} */
const models = [
  { name: 'no outputs to speak of', outputs: [output(1, 4, 0)], isChecked: true },
  {
    name: '9.2 MB of outputs',
    outputs: [...heads, /** @type {const} */ ([160, 32])].map(([side, channels], index) =>
      output(side, channels, index),
    ),
    isChecked: false,
  },
];

/**
 * @param {string} folder
 * @param {Model} model
 */
function measure(folder, { name, outputs, isChecked }) {
  const modelPath = join(folder, 'rate.bin');
  const info = renderModelInfo('rate', { widthPx: 640, heightPx: 640 }, outputs);
  writeFileSync(modelPath, `${fakednnHead(boardTimes)}${info}`);
  const { status, stdout, stderr, error } = spawnSync(program, [modelPath], { encoding: 'utf8' });
  const isRefused = status === 1 && isChecked;
  if (isRefused || (status !== 0 && status !== 1)) {
    throw new Error(`${program} ended with status ${status}: ${stdout}${stderr}`, { cause: error });
  }
  /** @type {{ name: string }[]} */
  const rows = JSON.parse(stdout);
  return rows.map((row) => ({ ...row, name: `${row.name}, ${name}` }));
}

/** Throws where the rates without copies are not those of the board. */
export function run() {
  const folder = mkdtempSync(join(tmpdir(), 'fakednn-rate-'));
  try {
    return models.flatMap((model) => measure(folder, model));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
