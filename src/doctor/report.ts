import { describeError } from '../core/errors.js';
import { counted } from '../core/words.js';
import { type Check, fault, type Outcome, outcomes } from './check.js';

/** What `--json` writes; keys stay the same from version to version. */
export interface DoctorReport {
  readonly format: 1;
  /** Version of this package. */
  readonly version: string;
  readonly model: string;
  readonly backend: string;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly checks: readonly Check[];
}

/** Puts all checks into one report. */
export function buildReport(
  about: Pick<DoctorReport, 'version' | 'model' | 'backend'>,
  checks: readonly Check[],
): DoctorReport {
  const count = (wanted: Outcome) => checks.filter(({ outcome }) => outcome === wanted).length;
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, count(outcome)]));
  return { format: 1, ...about, counts: counts as Record<Outcome, number>, checks };
}

/** What stops the whole, before any check: arguments, a parameter file, or a model that no backend takes. */
export function refusal(error: unknown): Check {
  return fault('doctor.arguments', describeError(error), 'correct the arguments, or the parameter file', {});
}

const words: Readonly<Record<Outcome, string>> = {
  ok: 'ok',
  warning: 'warning',
  fault: 'FAULT',
  not_applicable: '-',
};
const wordWidth = 8;
const idWidth = 30;
const indent = ' '.repeat(wordWidth + idWidth);

/** A check for a terminal: a line, the rest of a long value below it, and a line for what helps. */
export function checkAsText({ id, outcome, found, remedy }: Check): string {
  const [first, ...rest] = found.split('\n');
  const value = outcome === 'not_applicable' ? `not applicable: ${first}` : first;
  const lines = [`${words[outcome].padEnd(wordWidth)}${id.padEnd(idWidth)}${value}`];
  for (const line of rest) lines.push(indent + line);
  if (remedy !== null) lines.push(`${indent}remedy: ${remedy}`);
  return lines.join('\n');
}

/** For scripts, and to send. */
export const reportAsJson = (report: DoctorReport) => JSON.stringify(report, null, 2);

/** The last line. */
export function countsAsText({ counts }: Pick<DoctorReport, 'counts'>): string {
  return `${counts.ok} ok, ${counted(counts.warning, 'warning')}, ${counted(counts.fault, 'fault')}, ${counts.not_applicable} not applicable`;
}
