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
import { patternName, refuseUnknownTargets } from './fuzz/targets.mjs';
import { optionsOrExit } from './optionsOrExit.mjs';
import { ensureSetup } from './setup/index.mjs';
import { describeFailure, SetupError } from './setup/exec.mjs';
import { root } from './setup/paths.mjs';

const USAGE = [
  'usage: npm run fuzz -- [TARGET...] [--seconds N] [--seed N]',
  '  TARGET        part of the name of one of test/fuzz, or native/NAME; all of them unless given',
  '  --seconds N   of the processor for each target (600)',
  '  --seed N      of an earlier run, to have its inputs again',
].join('\n');

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

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
  if (seed !== undefined && !/^-?\d+$/.test(seed))
    throw new Error(`--seed is ${seed}; expected a whole number`);
  return { positionals, seconds, seed };
}

/**
 * The targets of test/fuzz, without what was found by them before, which takes no time.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function listTargets(env) {
  const args = [vitest, 'list', '--json', '--project', 'unit', 'test/fuzz'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
  if (status !== 0)
    throw new SetupError('vitest does not list test/fuzz', { remedy: 'npm run fuzz without a name' });
  const tests = /** @type {{ name: string, file: string }[]} */ (JSON.parse(stdout));
  const targets = tests.filter(({ file }) => !file.endsWith('finds.test.ts'));
  return targets.map(({ name }) => patternName(name));
}

/** Whether nothing was found. */
async function fuzzAll() {
  const { positionals, seconds, seed } = optionsOrExit('fuzz', USAGE, readOptions);
  const env = await ensureSetup({ steps: ['typescript', 'core'] });
  const others = positionals.filter((name) => !name.startsWith('native/'));
  refuseUnknownTargets(positionals, [...nativeTargets, ...(others.length > 0 ? listTargets(env) : [])]);
  const natively =
    positionals.length === 0 ? nativeTargets : nativeTargets.filter((name) => positionals.includes(name));
  let failed = false;
  if (positionals.length === 0 || others.length > 0) {
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
  return !failed;
}

try {
  process.exitCode = (await fuzzAll()) ? 0 : 1;
} catch (error) {
  console.error(`fuzz: ${describeFailure(error)}`);
  process.exitCode = 1;
}
