// What each Dequantize node that is removed saves: bytes and CPU time a frame.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAddon } from './compile.mjs';
import { median } from './median.mjs';
import { removals } from './scenes.mjs';

const child = fileURLToPath(new URL('removalsChild.mjs', import.meta.url));
const rounds = 3;

/** One row per removal, medians over rounds in which they take turns, each in a process that has seen nothing else. */
export function removalRows() {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-bench-'));
  try {
    const addons = ['thread_clock', 'dequantise'].map((name) => compileAddon(folder, name));
    const measured = Array.from({ length: rounds }, () =>
      Object.keys(removals).map((removal) =>
        JSON.parse(execFileSync(process.execPath, [child, removal, ...addons], { encoding: 'utf8' })),
      ),
    );
    return Object.keys(removals).map((removal, index) => {
      const over = (/** @type {string} */ figure) => median(measured.map((round) => round[index][figure]));
      const figures = Object.keys(measured[0][index]).map((figure) => [figure, over(figure)]);
      return { name: `postprocess, removed: ${removal}`, ...Object.fromEntries(figures) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
