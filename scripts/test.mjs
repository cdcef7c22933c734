#!/usr/bin/env node
// Usage: node scripts/test.mjs [--verbose] [vitest arguments]     sets up what is missing, then runs the tests
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { findRos } from './rosEnv.mjs';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';

const report = join(root, 'out', 'test-results.json');

/** Counts of the run, from vitest's JSON report; undefined when vitest did not get that far. */
function readCounts() {
  try {
    /**
     * @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
     *   testResults: { status: string, assertionResults: { status: string }[] }[] }}
     */
    const result = JSON.parse(readFileSync(report, 'utf8'));
    // A file that cannot even be loaded has no failed test in it, but has failed.
    const brokenFiles = result.testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    ).length;
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + brokenFiles,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return undefined;
  }
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} vitest's exit code, or that of a shell for a signal
 */
function runVitest(args, env) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    // The terminal sends Ctrl-C to vitest as well; stay until it has ended its workers.
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
    }
    child.on('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

const isCi = Boolean(process.env.CI) && process.env.CI !== 'false';
const args = process.argv.slice(2).filter((arg) => arg !== '--verbose');
const env = await ensureSetup({ rosOptional: !isCi });
if (!findRos()) {
  env.RDK_YOLO_SEG_TEST_ROS = '0';
  console.log('skipped: test/ros2, there is no ROS 2 here (with CI=true this is a failure)');
}
if (!env.RDK_YOLO_SEG_TOOLCHAIN)
  console.log(
    "skipped: test/genuine, RDK_YOLO_SEG_TOOLCHAIN not set (the vendor's tools: npm run test:genuine)",
  );
if (!env.RDK_YOLO_SEG_DATA) console.log('skipped: RDK_YOLO_SEG_DATA not set (tests that need the data set)');

mkdirSync(join(root, 'out'), { recursive: true });
rmSync(report, { force: true });
const code = await runVitest(args, env);
const counts = readCounts();
if (counts) {
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
}
process.exitCode = code;
