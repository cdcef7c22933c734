// Frames per second of the stand-in for libdnn.so with one task in flight and with two; the X5 has 96 and 182. Called
// by `npm run bench`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';

const program = fileURLToPath(new URL('../../native/bin/fakednn/fakednn_rate', import.meta.url));

/** Outputs of a YOLOv8n-seg with 80 classes, 9.2 MB in all: their copies are part of what is measured. */
const outputs = [8, 16, 32]
  .flatMap((step) => [32, 64, 80].map((channels) => [640 / step, channels]))
  .concat([[160, 32]])
  .map(([side, channels], index) => ({
    name: `output${index}`,
    type: 'f32',
    dims: [1, side, side, channels],
    strideBytes: [side * side * channels * 4, side * channels * 4, channels * 4, 4],
    quantisation: { kind: 'none' },
  }));

/** Throws where a rate is not that of the board. */
export function run() {
  const folder = mkdtempSync(join(tmpdir(), 'fakednn-rate-'));
  try {
    const model = join(folder, 'rate.bin');
    const info = renderModelInfo('rate', { widthPx: 640, heightPx: 640 }, outputs);
    writeFileSync(model, `RDK FAKEDNN MODEL 1\ncore_ms: 5.5\nhost_ms: 4.9\n${info}`);
    const { status, stdout, stderr, error } = spawnSync(program, [model], { encoding: 'utf8' });
    if (status !== 0) {
      throw new Error(`${program} ended with status ${status}: ${stdout}${stderr}`, { cause: error });
    }
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
