// Memory over many frames, in a process of its own that may ask for a garbage collection.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('heapChild.mjs', import.meta.url));

/** One row: what is held after many frames more than after few, and what a frame leaves behind as garbage. */
export function heapRows() {
  const stdout = execFileSync(process.execPath, ['--expose-gc', child], { encoding: 'utf8' });
  return [{ name: 'postprocess heap', ...JSON.parse(stdout) }];
}
