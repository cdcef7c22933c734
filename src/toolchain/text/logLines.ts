export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** One line of a tool's output without what terminal, container and logger put around it. */
export interface LogLine {
  /** Line in the file, from 1. */
  readonly number: number;
  readonly text: string;
  /** As logged, `2024-08-16 14:14:00,022`; null for a continuation or foreign line. */
  readonly stamp: string | null;
  readonly level: LogLevel | null;
}

const escapeByte = String.fromCharCode(27);
const bell = String.fromCharCode(7);
const terminalTitle = new RegExp(
  `${escapeByte}\\][^${bell}${escapeByte}]*(?:${bell}|${escapeByte}\\\\)`,
  'g',
);
const terminalControl = new RegExp(`${escapeByte}\\[[0-?]*[ -/]*[@-~]`, 'g');
/** Colours whose escape byte was lost on the way, as in a copied web page. */
const bareColour = /\[\d{1,3}(?:;\d{1,3})*m/g;

/** What stands before the logger's own text: container name, container or journal time. */
const wrappers = [
  /^[\w.-]+\s+\| ?/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)? ?/,
  /^\[\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\] ?/,
  /^[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d (?:\S+ \S+?(?:\[\d+\])?: )?/,
];
const stampPattern = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d{1,6})\s+/;
const placePattern = /^file: \S+ func: \S+ line No: \d+ ?/;
const levelPattern = /^\[?(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\]?:?(?:\s+|$)/;
const innerTime = /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}\] ?/;

const levels: Readonly<Record<string, LogLevel>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
};

function readLine(raw: string, number: number): LogLine {
  let text = raw
    .replace(terminalTitle, '')
    .replace(terminalControl, '')
    .replace(bareColour, '')
    .replace('\ufeff', '');
  for (const wrapper of wrappers) text = text.replace(wrapper, '');
  const stamp = stampPattern.exec(text);
  if (stamp !== null) text = text.slice(stamp[0].length).replace(placePattern, '');
  const level = levelPattern.exec(text);
  // Without a time before it, INFO may begin any sentence, but ERROR and WARNING mean themselves.
  if (level !== null) text = text.slice(level[0].length);
  return {
    number,
    text: text.replace(innerTime, '').trimEnd(),
    stamp: stamp === null ? null : stamp[1],
    level: level === null ? null : levels[level[1]],
  };
}

/** All lines but the last, which is empty or, in a text that was cut off, torn. */
export function wholeLines(lines: readonly LogLine[]): readonly LogLine[] {
  return lines.slice(0, -1);
}

/** Lines of a log as the tool wrote them; any line ending, progress bars included. */
export function readLogLines(text: string): LogLine[] {
  return text.split(/\r\n|\n|\r/).map((raw, index) => readLine(raw, index + 1));
}
