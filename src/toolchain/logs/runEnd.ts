import type { LogLine } from '../text/logLines.js';
import { findCrash } from './crash.js';

/** finished: the closing line is there; failed: it is not, but an error or the end of the process is; else unfinished. */
export type RunState = 'finished' | 'failed' | 'unfinished';

/** A line of a log that is shown to people. */
export interface LogMessage {
  /** Line in the file. */
  readonly line: number;
  readonly text: string;
}

/** Whether a run of the tool came to its end, and what it says of where and why if not. */
export interface RunEnd {
  readonly state: RunState;
  /** The step in which it failed, or the last one that began without ending; null if there is none. */
  readonly openStep: string | null;
  readonly errors: readonly LogMessage[];
  /** Those of a failed run that say why; empty for others. */
  readonly failure: readonly LogMessage[];
}

const begin = /^Start hb_mapper\.*|^Start Model Convert|Start to Horizon NN Model Convert/;
const closing = /Convert to runtime bin file suc+essfully|End Model Convert|End model checking/i;
/** The last is argparse's, with the name of the command before it. */
const errorText =
  /^(?:\*+ ERROR-OCCUR|Traceback \(most|[\w.]*(?:Error|Exception)\b(?::|$)|(?:error|fatal)\b\s*:|hb_\w+(?: \w+)?: error: )/i;

/** Lines of a level, or that mean the same by their words. */
export function messagesOf(
  lines: readonly LogLine[],
  level: LogLine['level'],
  pattern: RegExp,
): LogMessage[] {
  return lines
    .filter((line) => line.level === level || pattern.test(line.text))
    .map(({ number, text }) => ({ line: number, text }));
}

function readOpenStep(lines: readonly LogLine[]): string | null {
  const open: string[] = [];
  for (const { text } of lines) {
    const start = /\bStart to (.+?)\.?$/.exec(text)?.[1];
    const end = /\bEnd to (.+?)\.?$/.exec(text)?.[1];
    if (start !== undefined) open.push(start);
    if (end === undefined) continue;
    // Old versions name the model in one of the two lines only.
    const at = open.findLastIndex((step) => step.split(' ')[0] === end.split(' ')[0]);
    if (at >= 0) open.splice(at, 1);
  }
  return open.at(-1) ?? null;
}

/** Headings, and lines that say no more than that something failed. */
const empty = /^Traceback \(most|^[\w ]+ failed[.!]?$/i;

/** What the tool itself says last, and Python's own words where they come after it. */
function reasonsOf(errors: readonly LogMessage[], lines: readonly LogLine[]): LogMessage[] {
  const logged = new Set(lines.flatMap(({ number, stamp }) => (stamp === null ? [] : [number])));
  const words = errors.filter(({ text }) => !empty.test(text));
  const last = words.at(-1) ?? errors.at(-1);
  if (last === undefined) return [];
  const own = words.findLast(({ line }) => logged.has(line)) ?? last;
  return own.line < last.line ? [own, last] : [own];
}

/** How the run in these lines ended. */
export function readRunEnd(run: readonly LogLine[]): RunEnd {
  // What stands before the run belongs to other commands.
  const lines = run.slice(
    Math.max(
      0,
      run.findIndex(({ text }) => begin.test(text)),
    ),
  );
  const errors = messagesOf(lines, 'error', errorText);
  if (lines.some(({ text }) => closing.test(text))) {
    return { state: 'finished', openStep: readOpenStep(lines), errors, failure: [] };
  }
  // The tool logs the ends of its steps after an error in one of them.
  const openStepBefore = (line: number) => readOpenStep(lines.filter(({ number }) => number < line));
  const crash = findCrash(lines);
  if (crash !== null) {
    const all = [...errors.filter(({ line }) => line !== crash.line), crash];
    return { state: 'failed', openStep: openStepBefore(crash.line), errors: all, failure: [crash] };
  }
  const [firstError] = errors;
  if (firstError === undefined) {
    return { state: 'unfinished', openStep: readOpenStep(lines), errors, failure: [] };
  }
  return {
    state: 'failed',
    openStep: openStepBefore(firstError.line),
    errors,
    failure: reasonsOf(errors, lines),
  };
}

/** Where and why a run failed or was cut off; empty if it ended or nothing tells. */
export function describeRunEnd({
  state,
  openStep,
  failure,
}: Pick<RunEnd, 'state' | 'openStep' | 'failure'>): string {
  const where = openStep === null ? '' : ` in the step "${openStep}"`;
  if (state === 'failed') return `the run failed${where}: ${failure.map(({ text }) => text).join('; then ')}`;
  return state === 'finished' || where === '' ? '' : `it ends${where}`;
}
