/** Severities of a tool's log. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** One line of a tool's output without what terminal, container and logger put around it. */
export interface LogLine {
  /** Line in the file, from 1. */
  readonly number: number;
  readonly text: string;
  /** As logged, `2024-08-16 14:14:00,022` or in another form; null for a continuation or foreign line. */
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

const clock = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const zone = String.raw`(?:Z|[+-]\d\d:?\d\d)?`;
const date = String.raw`(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d\d[-/]\d\d)`;
const levelNames = 'DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL';

/** What stands before the logger's own text: container name, program, container or journal time. */
const wrappers = [
  /^[\w.-]+\s+\| ?/,
  /^\[[A-Z]\w*\] (?=\[?\d)/,
  new RegExp(`^(\\d{4}-\\d\\d-\\d\\dT${clock}${zone}) ?`),
  new RegExp(String.raw`^\[(\d{4}-\d\d-\d\d[ T]${clock}${zone})\] ?`),
  new RegExp(
    String.raw`^([A-Z][a-z]{2} +\d{1,2} ${clock}) (?:(?!(?:${levelNames})\b)\S+ \S+?(?:\[\d+\])?: )?`,
  ),
];
/** The logger's time: a date with or without brackets, or a bare time where brackets or a level mark it as one. */
const stampPatterns = [
  new RegExp(`^(${date}[ T]${clock}${zone})(?:\\s+|$)`),
  new RegExp(String.raw`^\[((?:${date}[ T])?${clock}${zone})\]\s*`),
  new RegExp(String.raw`^(${clock}${zone})\s+(?=(?:- )?\[?(?:${levelNames})\b)`),
];
const placePattern = /^(?:file: \S+ func: \S+ line No: \d+ ?|\[?[\w./-]+\.py:\d+\]?:?\s*)/;
const levelPattern = new RegExp(String.raw`^(?:- )?\[?(${levelNames})\]?(?: -|:)?(?:\s+|$)`);
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

interface Stamped {
  readonly rest: string;
  /** Null where no logger wrote a time. */
  readonly stamp: string | null;
  readonly level: LogLevel | null;
}

/** Takes off what container and logger put before their text. */
function readPrefix(line: string): Stamped {
  let rest = line;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length);
    return match;
  };
  let wrapperTime: string | null = null;
  for (const wrapper of wrappers) wrapperTime = take(wrapper)?.[1] ?? wrapperTime;
  let stamp: string | null = null;
  for (const pattern of stampPatterns) stamp ??= take(pattern)?.[1] ?? null;
  const place = (stamp ?? wrapperTime) === null ? null : take(placePattern);
  // Without a time before it, INFO may begin any sentence, but ERROR and WARNING mean themselves.
  const level = take(levelPattern)?.[1];
  // What looks like the container's time is the logger's own where a place or a level follows it.
  if (place !== null || level !== undefined) stamp ??= wrapperTime;
  return { rest, stamp, level: level === undefined ? null : (levels[level] ?? null) };
}

function readLine(raw: string, number: number): LogLine {
  const bare = raw
    .replace(terminalTitle, '')
    .replace(terminalControl, '')
    .replace(bareColour, '')
    .replace('\ufeff', '');
  const { rest, stamp, level } = readPrefix(bare);
  return { number, text: rest.replace(innerTime, '').trimEnd(), stamp, level };
}

/** All lines but the last, which is empty or, in a text that was cut off, torn. */
export function wholeLines(lines: readonly LogLine[]): readonly LogLine[] {
  return lines.slice(0, -1);
}

/** Lines of a log as the tool wrote them; any line ending, progress bars included. */
export function readLogLines(text: string): LogLine[] {
  return text.split(/\r\n|\n|\r/).map((raw, index) => readLine(raw, index + 1));
}
