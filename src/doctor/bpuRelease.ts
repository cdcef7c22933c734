/** Whether releasing a task waits for it; memory decides, as a busy machine makes any call look long. */
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../core/percentile.js';
import { type BpuModel, type ReleaseTrial, tryRelease } from '../native/bpu.js';
import type { Check, Outcome } from './check.js';

const id = 'bpu.release';
/**
 * So many releases have to be seen waiting, or ending the task: in one of them the task may have ended while the machine did other
 * things, or still waited for the BPU.
 */
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

/** True if outputs were left as they were filled, and stayed so. */
const ended = ({ wasRunning, untouched, changed }: ReleaseTrial) =>
  wasRunning && changed === 0 && untouched > 0;

/** What a release does to a task that runs, as `verdict` of the JSON has it. */
type Verdict = 'waits' | 'does not wait' | 'ends the task' | 'cannot be told';

/** Trials counted by what they show. */
interface Tally {
  readonly inferMs: number;
  readonly trials: number;
  readonly incoherent: number;
  readonly running: number;
  readonly waiting: number;
  readonly changed: number;
  readonly ended: number;
  /** Of the running ones. */
  readonly releaseMs: readonly number[];
  readonly ranMs: readonly number[];
}

function tallyOf(trials: readonly ReleaseTrial[], inferMs: number): Tally {
  const running = trials.filter(({ wasRunning }) => wasRunning);
  return {
    inferMs,
    trials: trials.length,
    incoherent: trials.filter(({ isCoherent }) => !isCoherent).length,
    running: running.length,
    waiting: trials.filter((trial) => waited(trial, inferMs)).length,
    changed: running.filter(({ changed }) => changed > 0).length,
    ended: running.filter(ended).length,
    releaseMs: running.map(({ releaseMs }) => releaseMs),
    ranMs: running.map(({ ranMs }) => ranMs),
  };
}

interface Judgement {
  readonly verdict: Verdict;
  readonly outcome: Outcome;
  /** Where those before it do not. */
  readonly holds: (tally: Tally) => boolean;
  readonly why: (tally: Tally) => string;
  readonly remedy: string | null;
}

const of = ({ running }: Tally) => `of ${running} releases of a running task`;

function times({ releaseMs, inferMs }: Tally): string {
  const middleMs = percentile([...releaseMs], 0.5)!;
  return `they returned after ${middleMs.toFixed(1)} ms in the middle, an inference takes ${inferMs.toFixed(1)} ms`;
}

/** In their order: what makes the rest worthless, what is at risk, and only then that nothing is. */
const judgements: readonly Judgement[] = [
  {
    verdict: 'cannot be told',
    outcome: 'warning',
    holds: ({ incoherent }) => incoherent > 0,
    why: () => 'memory does not hold what was written and flushed, or not what a task has written',
    remedy: `mend first what bpu.flush says; else ${sendUs}`,
  },
  {
    verdict: 'cannot be told',
    outcome: 'not_applicable',
    holds: ({ running }) => running === 0,
    why: ({ trials }) => `${trials} tasks ended within 1 ms, before they could be released`,
    remedy: null,
  },
  {
    verdict: 'does not wait',
    outcome: 'warning',
    holds: ({ changed }) => changed > 0,
    why: (tally) => `after ${tally.changed} ${of(tally)} outputs were still written to; ${times(tally)}`,
    remedy: `a task that times out may write into the next frame: leave backend.task_timeout_ms long, and ${sendUs}`,
  },
  {
    verdict: 'cannot be told',
    outcome: 'warning',
    holds: ({ waiting, ended }) => waiting > 0 && ended > 0,
    why: (tally) =>
      `${tally.waiting} ${of(tally)} waited for it, ${tally.ended} left its outputs unwritten, as of a task that waits for the BPU; ${times(tally)}`,
    remedy: `end what else uses the BPU and try again; if it stays, ${sendUs}`,
  },
  {
    verdict: 'ends the task',
    outcome: 'warning',
    holds: ({ ended, inferMs }) => ended >= wantedOf(inferMs),
    why: (tally) =>
      `after ${tally.ended} ${of(tally)} its outputs were not written to any more; ${times(tally)}`,
    remedy: `nothing is at risk, but the library is another one: ${sendUs}`,
  },
  {
    verdict: 'waits',
    outcome: 'ok',
    holds: ({ waiting, inferMs }) => waiting >= wantedOf(inferMs),
    why: (tally) =>
      `after ${tally.waiting} ${of(tally)} that took long every output was complete, and none changed later; ${times(tally)}`,
    remedy: null,
  },
  {
    verdict: 'cannot be told',
    outcome: 'warning',
    holds: () => true,
    why: (tally) =>
      `${tally.waiting} ${of(tally)} show that it waits and ${tally.ended} that it ends the task, ${wantedOf(tally.inferMs)} of one kind are wanted; ${times(tally)}`,
    remedy: 'try again with nothing else running, or with a slower model',
  },
];

/**
 * Judges trials of releases. Outputs that change after the return prove that it does not wait; outputs that never change
 * from what they were filled with, again and again, that it ends the task; no time proves either.
 *
 * @internal Exported for tests.
 * @param inferMs What an inference takes.
 */
export function judgeRelease(trials: readonly ReleaseTrial[], inferMs: number): Check {
  const tally = tallyOf(trials, inferMs);
  const { verdict, outcome, why, remedy } = judgements.find(({ holds }) => holds(tally))!;
  return { id, outcome, found: `${verdict}: ${why(tally)}`, remedy, details: { verdict, ...tally } };
}

/**
 * Releases running tasks until one shows that it does not wait, or enough of them what it does. Blocks this thread for good where a
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
  const wantedCount = wantedOf(inferMs);
  while (trials.length < limits.trials && !isTimeUp()) {
    // Idle between them: this thread is woken sooner by a busy system.
    await delay(pauseMs);
    trials.push(tryRelease(model.id, taskTimeoutMs));
    const { incoherent, changed, ended, waiting } = tallyOf(trials, inferMs);
    if (incoherent + changed > 0 || (ended > 0 && waiting > 0)) break;
    if (ended >= wantedCount || waiting >= wantedCount) break;
  }
  return judgeRelease(trials, inferMs);
}
