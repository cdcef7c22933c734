/** Whether releasing a task waits for it; memory decides, as a busy machine makes any call look long. */
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../core/percentile.js';
import { type BpuModel, type ReleaseTrial, tryRelease } from '../native/bpu.js';
import { type Check, notApplicable, ok, warning } from './check.js';

const id = 'bpu.release';
/** So many releases have to be seen waiting: in one of them the task may have ended while the machine did other things. */
const wanted = 12;
/** A task that takes this share of an inference to release was on the BPU when its release began. */
const waitedShare = 0.25;
const limits = { trials: 300, ms: 10_000 } as const;
/** Tasks so long that no dozen fits into the time: they end in no gap of a busy machine. */
const slow = { inferMs: 300, wanted: 3 } as const;
const wantedOf = (inferMs: number) => (inferMs < slow.inferMs ? wanted : slow.wanted);
const pauseMs = 2;
const sendUs = 'send us this report as --json writes it';

const waited = ({ wasRunning, whole, outputs, changed, releaseMs }: ReleaseTrial, inferMs: number) =>
  wasRunning && changed === 0 && whole === outputs && releaseMs >= inferMs * waitedShare;

/** True if the trial shows by itself that the release does not wait for the task. */
const shows = ({ wasRunning, untouched, changed }: ReleaseTrial) =>
  wasRunning && (changed > 0 || untouched > 0);

/**
 * Judges trials of releases. Outputs that change after the return prove that it does not wait; outputs that never change
 * from what they were filled with, that it ends the task; no time proves either.
 *
 * @internal Exported for tests.
 * @param inferMs What an inference takes.
 */
export function judgeRelease(trials: readonly ReleaseTrial[], inferMs: number): Check {
  const running = trials.filter(({ wasRunning }) => wasRunning);
  const waiting = trials.filter((trial) => waited(trial, inferMs));
  const changed = running.filter((trial) => trial.changed > 0);
  const ended = running.filter((trial) => trial.changed === 0 && trial.untouched > 0);
  const told = (verdict: string) => ({
    verdict,
    inferMs,
    trials: trials.length,
    running: running.length,
    waiting: waiting.length,
    changed: changed.length,
    ended: ended.length,
    releaseMs: running.map(({ releaseMs }) => releaseMs),
    ranMs: running.map(({ ranMs }) => ranMs),
  });
  const incoherent = trials.filter(({ isCoherent }) => !isCoherent).length;
  if (incoherent > 0) {
    const found = 'cannot be told: memory does not hold what was written and flushed';
    return warning(id, found, `mend first what bpu.flush says; else ${sendUs}`, told('cannot be told'));
  }
  if (running.length === 0) {
    return notApplicable(
      id,
      `cannot be told: ${trials.length} tasks ended within 1 ms, before they could be released`,
    );
  }
  const of = `of ${running.length} releases of a running task`;
  const middleMs = percentile(
    running.map(({ releaseMs }) => releaseMs),
    0.5,
  )!;
  const times = `they returned after ${middleMs.toFixed(1)} ms in the middle, an inference takes ${inferMs.toFixed(1)} ms`;
  if (changed.length > 0) {
    const found = `does not wait: after ${changed.length} ${of} outputs were still written to; ${times}`;
    const remedy = `a task that times out may write into the next frame: leave backend.task_timeout_ms long, and ${sendUs}`;
    return warning(id, found, remedy, told('does not wait'));
  }
  if (ended.length > 0) {
    const found = `does not wait: ${ended.length} ${of} ended it, its outputs were not written to any more; ${times}`;
    return warning(
      id,
      found,
      `nothing is at risk, but the library is another one: ${sendUs}`,
      told('ends the task'),
    );
  }
  if (waiting.length >= wantedOf(inferMs)) {
    const found = `waits for the task: after ${waiting.length} ${of} that took long every output was complete, and none changed later; ${times}`;
    return ok(id, found, told('waits'));
  }
  const found = `cannot be told: ${waiting.length} ${of} show that it waits, ${wantedOf(inferMs)} are wanted, none shows that it does not; ${times}`;
  const remedy = 'try again with nothing else running, or with a slower model';
  return warning(id, found, remedy, told('cannot be told'));
}

/**
 * Releases running tasks until one shows what that does, or enough of them wait. Blocks this thread for good where a
 * release does not return.
 *
 * @param model Opened with two slots or more, and used for nothing else.
 * @param inferMs What an inference takes.
 * @param taskTimeoutMs Limit of the tasks that are not released.
 */
export async function checkRelease(model: BpuModel, inferMs: number, taskTimeoutMs: number): Promise<Check> {
  const trials: ReleaseTrial[] = [];
  const startMs = performance.now();
  const isTimeUp = () => performance.now() - startMs >= limits.ms;
  const isToldBy = (trial: ReleaseTrial) => !trial.isCoherent || shows(trial);
  while (trials.length < limits.trials && !isTimeUp()) {
    // Idle between them: this thread is woken sooner by a busy system.
    await delay(pauseMs);
    const trial = tryRelease(model.id, taskTimeoutMs);
    trials.push(trial);
    if (isToldBy(trial) || trials.filter((one) => waited(one, inferMs)).length === wantedOf(inferMs)) break;
  }
  return judgeRelease(trials, inferMs);
}
