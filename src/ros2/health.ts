import { LossWatch } from './delivery.js';
import type { CameraReport } from './report.js';

/** What is wrong at this moment; a warning passes by itself, an error may not. */
export interface Problem {
  readonly severity: 'warn' | 'error';
  readonly message: string;
}

/** What the operator asks of a running node; 0 asks for nothing. */
export interface HealthLimits {
  /** 95 of 100 results are to be younger than this when they are published, by the stamp of their frame. */
  readonly maxLatencyMs: number;
  readonly minRateHz: number;
}

/** A limit that is missed by this factor is an error. */
const errorFactor = 2;
/** Drops that are no fault: the camera is faster than the model or the wanted rate, or somebody stopped the node. */
const wantedDrops: ReadonlySet<string> = new Set(['superseded', 'thinned', 'inactive', 'stale']);

/**
 * Judges the reports of one camera by the rules of docs/diagnostics.md.
 *
 * Keeps the counters of the last seconds, so it is to be shown every report of that camera.
 */
export class Health {
  #drops = new LossWatch();
  #refusals = new LossWatch();
  #framesIn = 0;

  /**
   * What is wrong by the figures.
   *
   * @param isTaking Whether the node takes frames; nothing is wrong where it does not.
   */
  judge(report: CameraReport, isTaking: boolean, limits: HealthLimits, nowMs: number): Problem[] {
    const { pipeline } = report;
    if (!isTaking || pipeline === null) {
      this.#restart();
      return [];
    }
    // Counters begin anew with each model.
    if (pipeline.framesIn < this.#framesIn) this.#restart();
    this.#framesIn = pipeline.framesIn;
    return [
      judgeLatency(pipeline.stampAgeMs.p95, limits.maxLatencyMs),
      pipeline.framesIn === 0 ? null : judgeRate(pipeline.rateOutHz, limits.minRateHz),
      this.#judgeDrops(pipeline.drops, pipeline.framesIn, nowMs),
      this.#judgeRefusals(report, nowMs),
    ].filter((problem) => problem !== null);
  }

  #restart(): void {
    this.#drops = new LossWatch();
    this.#refusals = new LossWatch();
    this.#framesIn = 0;
  }

  #judgeDrops(drops: Readonly<Record<string, number>>, framesIn: number, nowMs: number): Problem | null {
    const faults = Object.entries(drops).filter(([reason]) => !wantedDrops.has(reason));
    const dropped = faults.reduce((sum, [, count]) => sum + count, 0);
    const loss = this.#drops.look(nowMs, framesIn - dropped, dropped);
    if (loss === null) return null;
    const reasons = faults.map(([reason, count]) => `${reason} ${count}`).join(', ');
    const message = `${loss.lost} of the last ${loss.sent} frames were dropped by a fault (in all: ${reasons}); the log says why`;
    return { severity: 'warn', message };
  }

  #judgeRefusals({ outputs }: CameraReport, nowMs: number): Problem | null {
    const sum = (of: 'handedOver' | 'refused') => outputs.reduce((total, output) => total + output[of], 0);
    const loss = this.#refusals.look(nowMs, sum('handedOver'), sum('refused'));
    if (loss === null) return null;
    const topics = outputs.filter(({ refused }) => refused > 0).map(({ topic }) => topic);
    const message = `the middleware refused ${loss.lost} of the last ${loss.sent} messages, of ${topics.join(', ')}; the log says why`;
    return { severity: 'warn', message };
  }
}

function judgeLatency(p95Ms: number | null, maxMs: number): Problem | null {
  if (maxMs === 0 || p95Ms === null || p95Ms <= maxMs) return null;
  return {
    severity: p95Ms > errorFactor * maxMs ? 'error' : 'warn',
    message: `5 of 100 results are older than ${p95Ms.toFixed(0)} ms; diagnostics.max_latency_ms is ${maxMs}`,
  };
}

function judgeRate(rateHz: number, minHz: number): Problem | null {
  if (rateHz >= minHz) return null;
  return {
    severity: rateHz * errorFactor < minHz ? 'error' : 'warn',
    message: `${rateHz.toFixed(1)} results a second; diagnostics.min_rate_hz is ${minHz}`,
  };
}

/** All that is wrong as one: as severe as the worst, errors told first; null of none. */
export function worstOf(problems: readonly Problem[]): Problem | null {
  const [first] = problems;
  if (first === undefined) return null;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const told = [...errors, ...problems.filter((problem) => !errors.includes(problem))];
  return {
    severity: errors.length > 0 ? 'error' : 'warn',
    message: told.map(({ message }) => message).join('; '),
  };
}
