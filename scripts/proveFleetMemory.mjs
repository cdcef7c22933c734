#!/usr/bin/env node
// Usage: npm run prove:fleet-memory     the memory of a worker over bags of 2 and 20 GB in a store; they take little of the disk
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFileStore } from './fleet/fileStore.mjs';
import { writeLargeBag } from './fleet/largeBag.mjs';
import { model } from './fleet/workers.mjs';
import { root } from './setup/paths.mjs';

const othersPerFrame = 1;
const pollMs = 100;
const scratch = mkdtempSync(join(tmpdir(), 'prove-memory-'));
const store = await startFileStore(scratch);
const env = {
  ...process.env,
  AWS_ENDPOINT_URL: store.endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** @param {string[]} args @returns {Promise<{ peakMib: number, text: string }>} */
function runMeasured(args) {
  return new Promise((resolve, reject) => {
    const worker = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'segment', ...args], { env });
    let [peakMib, text] = [0, ''];
    const poll = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8');
        peakMib = Math.max(peakMib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // It has ended.
      }
    }, pollMs);
    worker.stdout.on('data', (piece) => (text += piece));
    worker.stderr.pipe(process.stderr);
    worker.on('close', (code) => {
      clearInterval(poll);
      if (code === 0) resolve({ peakMib, text });
      else reject(new Error(`the worker ended with ${code}`));
    });
  });
}

try {
  for (const frames of [29, 290]) {
    const name = `${frames}.mcap`;
    const path = join(scratch, name);
    const bytes = await writeLargeBag(path, frames, othersPerFrame);
    const args = [`s3://fleet/${name}`, '--model', model, '-o', join(scratch, 'out'), '--shard', '0/1'];
    const { peakMib, text } = await runMeasured(args);
    console.log(`a bag of ${(bytes / 1e9).toFixed(1)} GB: at most ${peakMib.toFixed(0)} MiB; ${text.trim()}`);
    rmSync(path);
  }
} finally {
  store.stop();
  rmSync(scratch, { recursive: true });
}
