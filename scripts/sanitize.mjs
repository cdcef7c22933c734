#!/usr/bin/env node
// Usage: npm run test:sanitize     runs the tests of native code on addons built with AddressSanitizer and UBSan
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { sanitizedSuffix } from './setup/addons.mjs';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';
import { sanitizedStepNames } from './setup/steps.mjs';

await ensureSetup();
const env = await ensureSetup({ steps: sanitizedStepNames });
/** @param {string} library */
const fileOf = (library) => execFileSync('g++', [`-print-file-name=${library}`], { encoding: 'utf8' }).trim();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', 'test/native', 'test/ros2/hbmem', 'test/fuzz/frames'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...env,
      RDK_ADDON_SUFFIX: sanitizedSuffix,
      // Node itself keeps memory until its end; test/native/lifecycle.test.ts looks for leaks of ours.
      ASAN_OPTIONS: 'detect_leaks=0',
      // Python lacks the C++ library, which has to be there before the first exception.
      LD_PRELOAD: `${fileOf('libasan.so')}:${fileOf('libstdc++.so')}`,
    },
  },
);
process.exitCode = status ?? 1;
