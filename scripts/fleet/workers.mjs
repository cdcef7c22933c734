import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

const program = join(root, 'bin/rdk-yolo-seg');
export const model = join(root, 'assets/models/shapes-seg-320.onnx');
/** EX_TEMPFAIL */
const exitTemporary = 75;
const mostStarts = 200;

/**
 * A line of what a worker says.
 * @typedef {{ input: string, output: string, state: string, frames: number, lost: number, instances: number,
 *   bytes_read: number, bytes_asked: number, requests: number, fault?: string }} Line
 */

/**
 * @param {string[]} args of `segment`
 * @param {NodeJS.ProcessEnv} env
 * @param {((lines: number) => boolean)} [isKilled] after so many lines
 * @returns {Promise<{ code: number | null, lines: Line[], stderr: string }>}
 */
export function runWorker(args, env, isKilled = () => false) {
  return new Promise((resolve) => {
    const worker = spawn(program, ['segment', ...args, '--model', model], { env, detached: true });
    let [text, stderr, shown] = ['', '', 0];
    const kill = () => {
      // With what it started.
      if (worker.pid !== undefined) process.kill(-worker.pid, 'SIGKILL');
    };
    worker.stdout.setEncoding('utf8').on('data', (/** @type {string} */ piece) => {
      text += piece;
      for (const all = text.split('\n').length - 1; shown < all; ) {
        shown++;
        if (worker.exitCode === null && isKilled(shown)) return kill();
      }
    });
    worker.stderr.setEncoding('utf8').on('data', (/** @type {string} */ piece) => {
      stderr += piece;
    });
    worker.on('close', (code) => {
      const whole = text.split('\n').slice(0, -1);
      resolve({ code, stderr, lines: whole.map((line) => JSON.parse(line)) });
    });
  });
}

/**
 * Runs shards beside each other, each again and again until it ends well, as an engine does.
 * @param {{ args: string[], shards: number, env: NodeJS.ProcessEnv, isKilled?: (lines: number) => boolean }} fleet
 * @returns {Promise<{ starts: number, kills: number, temporary: number, lines: Line[] }>}
 */
export async function runFleet({ args, shards, env, isKilled }) {
  const figures = { starts: 0, kills: 0, temporary: 0, lines: /** @type {Line[]} */ ([]) };
  const shard = async (/** @type {number} */ index) => {
    for (let start = 0; start < mostStarts; start++) {
      figures.starts++;
      const { code, lines, stderr } = await runWorker(
        [...args, '--shard', `${index}/${shards}`],
        env,
        isKilled,
      );
      figures.lines.push(...lines);
      if (code === 0) return;
      if (code === null) figures.kills++;
      else if (code === exitTemporary) figures.temporary++;
      else throw new Error(`shard ${index} ended with ${code}: ${stderr}`);
    }
    throw new Error(`shard ${index} did not end well in ${mostStarts} starts`);
  };
  await Promise.all(Array.from({ length: shards }, (_, index) => shard(index)));
  return figures;
}
