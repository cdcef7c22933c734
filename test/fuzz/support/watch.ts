import { Worker } from 'node:worker_threads';

/** No input takes as long, on the slowest machine beside other tests. */
const hangSeconds = 60;

/** Ends the process where one attempt does not end: a loop without end lets nothing else run in its thread. */
const source = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const state = new Int32Array(workerData.state);
let last = -1;
let since = Date.now();
setInterval(() => {
  const now = Atomics.load(state, 0);
  if (now !== last || now % 2 === 0) { last = now; since = Date.now(); return; }
  if (Date.now() - since < ${hangSeconds} * 1000) return;
  writeSync(2, 'fuzz: hangs: ' + Buffer.from(workerData.told).toString('utf8').replace(/\\0.*/s, '') + ', attempt ' + (now + 1) / 2 + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 1000);
`;

/** Even between attempts, odd within one. */
const state = new Int32Array(new SharedArrayBuffer(4));
const told = new Uint8Array(new SharedArrayBuffer(256));
let worker: Worker | null = null;

/** Runs an attempt; where it hangs, the process ends and says which one of which seed. */
export async function watched(name: string, seed: number, attempt: () => Promise<void>): Promise<void> {
  if (worker === null) {
    worker = new Worker(source, { eval: true, workerData: { state: state.buffer, told: told.buffer } });
    worker.unref();
  }
  told.fill(0);
  told.set(Buffer.from(`${name}, seed ${seed}`).subarray(0, told.length));
  Atomics.add(state, 0, 1);
  try {
    await attempt();
  } finally {
    Atomics.add(state, 0, 1);
  }
}
