import { rosEnv } from '../rosEnv.mjs';
import { writeEnvironmentScripts } from './environmentScripts.mjs';
import { describeFailure, stopAll } from './exec.mjs';
import { withLock } from './lock.mjs';
import { selectSteps } from './steps.mjs';
import { checkNode } from './toolchain.mjs';

/** @param {number} sinceMs */
const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** A step that was not tried, because one before it failed. */
class NotTried extends Error {}

/**
 * @typedef {import('./steps.mjs').Step} Step
 * @typedef {import('./steps.mjs').StepContext} StepContext
 * @typedef {{ verbose?: boolean, rosOptional?: boolean, steps?: string[], say?: (line: string) => void }} SetupOptions
 * `rosOptional`: go on without ROS 2 where it cannot be had; `steps`: only these and what they build on.
 */

/**
 * Runs one step after those before it. Steps that are up to date say nothing.
 *
 * @param {Step} step
 * @param {Promise<boolean>[]} before
 * @param {StepContext} context
 */
async function runStep(step, before, { verbose, say }) {
  const results = await Promise.allSettled(before);
  if (results.some((result) => result.status === 'rejected')) throw new NotTried(step.name);
  if (step.isCurrent()) return false;
  const start = performance.now();
  /** @param {string} text */
  const tell = (text) => say(`[${step.name}] ${text} ...`);
  const done = await step.run({ verbose, say: tell });
  say(`[${step.name}] ${done}: ${seconds(start)}`);
  return true;
}

/**
 * Runs all steps, each as soon as it can; returns how many had something to do. Throws the first failure.
 *
 * @param {SetupOptions & StepContext} options
 */
async function runSteps(options) {
  const steps = selectSteps(options.steps ?? []);
  /** @type {Map<string, Promise<boolean>>} */
  const started = new Map();
  /** @type {(Error & { step: string }) | undefined} */
  let failure;
  for (const step of steps) {
    const before = step.after.map((name) => started.get(name)).filter((work) => work !== undefined);
    const work = runStep(step, before, options).catch((error) => {
      const mayFail = options.rosOptional && step.needsRos;
      if (!(error instanceof NotTried) && failure === undefined) {
        if (mayFail) options.say(`[${step.name}] skipped: ${describeFailure(error)}`);
        else failure = Object.assign(error, { step: step.name });
        // What still runs is of no use any more; each step cleans up after itself.
        if (!mayFail) stopAll(`stopped, because ${step.name} failed`);
      }
      throw error;
    });
    started.set(step.name, work);
  }
  const results = await Promise.allSettled(started.values());
  if (failure) throw failure;
  return results.filter((result) => result.status === 'fulfilled' && result.value).length;
}

/**
 * Does all set-up that is missing, and returns the environment for child processes (PATH, LD_LIBRARY_PATH,
 * AMENT_PREFIX_PATH and so on). Takes well under a second when there is nothing to do.
 * @param {SetupOptions} [options]
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
async function setUp({ say = console.log, verbose = false, ...rest } = {}) {
  const start = performance.now();
  checkNode();
  // Ctrl-C must end the commands first and let the steps clean up.
  const onSignal = () => stopAll('interrupted');
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const count = await withLock(say, () => runSteps({ say, verbose, ...rest }));
    writeEnvironmentScripts();
    say(count === 0 ? `[setup] up to date: ${seconds(start)}` : `[setup] done: ${seconds(start)}`);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
  return rosEnv();
}

/**
 * {@link setUp} for scripts: on failure prints what failed and what helps, and ends the process with exit code 1.
 * @param {SetupOptions} [options] default: `verbose` when the command line has `--verbose`
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function ensureSetup(options = {}) {
  try {
    return await setUp({ verbose: process.argv.includes('--verbose'), ...options });
  } catch (error) {
    const step = error instanceof Error && 'step' in error ? `[${error.step}] ` : '';
    console.error(`${step}failed: ${describeFailure(error)}`);
    process.exit(1);
  }
}
