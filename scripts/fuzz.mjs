#!/usr/bin/env node
// Usage: npm run fuzz -- [TARGET...] [--seconds N] [--seed N]     tries damaged inputs on each target for N seconds (600) of the processor,
// those of native/fuzz for so long by the clock
//
// A target is one of test/fuzz, by a part of its name ("JPEG", "mapper log"), or of native/fuzz ("native/png"); all of them
// unless named. A find is made smaller, told with the seed that finds it again, and left in out/fuzz.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzNative, nativeTargets } from './fuzz/native.mjs';
import { optionsOrExit } from './optionsOrExit.mjs';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';

const USAGE = [
  'usage: npm run fuzz -- [TARGET...] [--seconds N] [--seed N]',
  '  TARGET        part of the name of one of test/fuzz, or native/NAME; all of them unless given',
  '  --seconds N   of the processor for each target (600)',
  '  --seed N      of an earlier run, to have its inputs again',
].join('\n');

/** @param {string[]} args */
function readOptions(args) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '600' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { seconds, seed } = values;
  if (!(Number(seconds) > 0)) throw new Error(`--seconds is ${seconds}; expected a number above 0`);
  return { positionals, seconds, seed };
}

const { positionals, seconds, seed } = optionsOrExit('fuzz', USAGE, readOptions);
const env = await ensureSetup({ steps: ['typescript', 'core'] });
const natively =
  positionals.length === 0 ? nativeTargets : positionals.filter((name) => name.startsWith('native/'));
const others = positionals.filter((name) => !name.startsWith('native/'));
let failed = false;

if (positionals.length === 0 || others.length > 0) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const escaped = others.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const chosen = escaped.length === 0 ? [] : ['--testNamePattern', escaped.join('|')];
  // One after the other: each has a core for itself, and what it takes of memory is its own.
  const order = ['--no-file-parallelism', '--maxWorkers=1'];
  const args = [vitest, 'run', '--project', 'unit', ...order, ...chosen, 'test/fuzz'];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...env,
      RDK_YOLO_SEG_FUZZ_SECONDS: seconds,
      ...(seed === undefined ? {} : { RDK_YOLO_SEG_FUZZ_SEED: seed }),
    },
  });
  failed ||= status !== 0;
}
for (const name of natively) failed = !(await fuzzNative(name, { seconds, seed })) || failed;
process.exitCode = failed ? 1 : 0;
