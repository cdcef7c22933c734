import { counted } from '../../core/words.js';
import { ConfigError } from '../../core/errors.js';
import { type LogLine, readLogLines, wholeLines } from '../text/logLines.js';
import { foreignText } from './foreignText.js';
import { type GraphTensors, readGraphTensors } from './graphTensors.js';
import {
  type CalibrationSettings,
  type CompileSettings,
  lastMatch,
  readCalibrationSettings,
  readCompileSettings,
} from './mapperSettings.js';
import { type ModifierLog, readModifierLog } from './modifierLog.js';
import { type NodeRow, readNodeTable } from './nodeTable.js';
import { type OutputRow, readOutputTable } from './outputTable.js';
import { type LogMessage, messagesOf, type RunEnd, type RunState, readRunEnd } from './runEnd.js';

/** What the compiler expects of one BPU subgraph; estimates, not measurements. */
export interface SubgraphEstimate {
  readonly name: string;
  readonly fps: number;
  readonly latencyUs: number;
  readonly ddrBytes: number;
}

/** Versions that a log names; null where it does not. */
export interface ToolVersions {
  readonly hbMapper: string | null;
  readonly hbdk: string | null;
  readonly hbdkRuntime: string | null;
  readonly horizonNn: string | null;
}

/** The float model as the tool describes it. */
export interface GraphOrigin {
  readonly irVersion: number | null;
  readonly opsets: readonly string[];
  readonly producer: string | null;
}

/** The vendor's tool that wrote a log. */
export type LogTool =
  | 'hb_mapper'
  | 'hb_mapper checker'
  | 'hb_mapper makertbin'
  | 'hb_model_modifier'
  | 'hb_model_info';

/** Everything a log of the conversion tools tells of its last run. */
export interface MapperLog {
  readonly tool: LogTool | null;
  readonly state: RunState;
  /** The step in which it failed, or the last one that began without ending; null if there is none. */
  readonly openStep: string | null;
  /** Messages that say why a run failed; empty for others. */
  readonly failure: readonly LogMessage[];
  readonly lineCount: number;
  /** Runs in the file; the last one is what is described. */
  readonly runCount: number;
  readonly versions: ToolVersions;
  readonly origin: GraphOrigin;
  readonly graph: GraphTensors;
  readonly calibration: CalibrationSettings;
  readonly compile: CompileSettings;
  readonly estimates: readonly SubgraphEstimate[];
  readonly nodes: readonly NodeRow[];
  /** The text ends within the node table, so that there may be more rows. */
  readonly isTableCutOff: boolean;
  readonly outputs: readonly OutputRow[];
  /** Nodes that hb_model_modifier lists and removes; null if the text shows none of it. */
  readonly modifier: ModifierLog | null;
  readonly errors: readonly LogMessage[];
  readonly warnings: readonly LogMessage[];
}

function lastRun(lines: readonly LogLine[]): { run: readonly LogLine[]; runCount: number } {
  for (const marker of [/^Start hb_mapper\.*/, /^Start Model Convert/, /Start to Horizon NN Model Convert/]) {
    const starts = lines.flatMap((line, index) => (marker.test(line.text) ? [index] : []));
    if (starts.length === 0) continue;
    return { run: starts.length === 1 ? lines : lines.slice(starts.at(-1)), runCount: starts.length };
  }
  return { run: lines, runCount: 1 };
}

const estimatePattern = new RegExp(
  'FPS\\s*=\\s*([\\d.eE+]+),\\s*latency\\s*=\\s*([\\d.eE+]+)\\s*(us|ms),' +
    '\\s*DDR\\s*=\\s*([\\d.eE+]+)\\s*bytes(?:\\s*\\(see (\\S+?)(?:\\.html)?\\))?',
);

function readEstimates(lines: readonly LogLine[]): SubgraphEstimate[] {
  const found = new Map<string, SubgraphEstimate>();
  for (const { text } of lines) {
    const match = estimatePattern.exec(text);
    if (match === null) continue;
    const [, fps, latency, unit, ddr, file] = match;
    const name = file ?? `subgraph ${found.size}`;
    const latencyUs = Number(latency) * (unit === 'ms' ? 1000 : 1);
    found.set(name, { name, fps: Number(fps), latencyUs, ddrBytes: Number(ddr) });
  }
  return [...found.values()];
}

function readVersions(lines: readonly LogLine[]): ToolVersions {
  const versionOf = (name: string) =>
    lastMatch(lines, new RegExp(`\\b${name}\\s+version\\s*:?\\s*v?([\\d.]+\\w*)`));
  return {
    hbMapper: versionOf('hb_mapper'),
    hbdk: versionOf('hbdk'),
    hbdkRuntime: versionOf('hbdk runtime'),
    horizonNn: versionOf('horizon_nn') ?? versionOf('HorizonNN'),
  };
}

function readOrigin(lines: readonly LogLine[]): GraphOrigin {
  const opsets = lastMatch(lines, /^\s*Opset version:\s*\[(.*)\]/);
  const irVersion = lastMatch(lines, /^\s*ONNX IR version:\s*(\d+)/);
  return {
    irVersion: irVersion === null ? null : Number(irVersion),
    opsets: opsets === null ? [] : opsets.split(',').map((text) => text.trim().replace(/^'|'$/g, '')),
    producer: lastMatch(lines, /^\s*Producer:\s*(\S.*)$/),
  };
}

/** True for lines that a manual or a script, which name the tool as well, do not have. */
function isOfLogger({ stamp, level, text }: LogLine): boolean {
  return (
    stamp !== null ||
    level !== null ||
    /^(?:(?:Start|Begin|End) (?:to|model)\b|hb_\w+(?: \w+)?: error: )/i.test(text)
  );
}

function readTool(lines: readonly LogLine[]): LogTool | null {
  const has = (pattern: RegExp) => lines.some((line) => pattern.test(line.text));
  if (has(/makertbin|Start Model Convert|runtime bin file/)) return 'hb_mapper makertbin';
  if (has(/hb_mapper[_ ]checker|(?:Start|Begin|End) model check/i)) return 'hb_mapper checker';
  return has(/Start to (?:calibrate|compile) the model|There are \d+ samples/) ? 'hb_mapper makertbin' : null;
}

const warningText = new RegExp(
  [
    '^advice:',
    '^warning\\b',
    '^Can(?:not| not) find',
    '^The calibration dir name suffix is not the same',
    '\\bdeprecated(?! parameters)',
    '\\bdoes not support\\b',
  ].join('|'),
  'i',
);

/** How the last run in a log of hb_mapper ended. */
export function readLastRunEnd(lines: readonly LogLine[]): RunEnd {
  return readRunEnd(lastRun(lines).run);
}

/** A list of nodes needs no closing line, a removal ends with the saved model. */
function modifierState(modifier: ModifierLog | null, end: RunEnd): RunState {
  const { asked = [], removed = [], savedAs = null } = modifier ?? {};
  if (savedAs !== null) return 'finished';
  if (end.state === 'failed') return 'failed';
  if (modifier?.list === 'cut off') return 'unfinished';
  return asked.length === 0 && removed.length === 0 ? 'finished' : 'unfinished';
}

/** True if nothing but a torn row follows the last row. */
function endsInTable(lines: readonly LogLine[], nodes: readonly NodeRow[]): boolean {
  const row = nodes.at(-1);
  if (row === undefined) return false;
  const [next, ...others] = lines.filter(({ number, text }) => number > row.line && text.trim() !== '');
  if (next === undefined) return true;
  return others.length === 0 && next.number === row.line + 1 && next.stamp === null;
}

/** The tool that ended before it logged anything, by what the shell or the tool's own usage says. */
function readFailedTool(lines: readonly LogLine[], { state }: RunEnd): LogTool | null {
  if (state !== 'failed') return null;
  const names = ['hb_mapper', 'hb_model_modifier', 'hb_model_info'] as const;
  return names.find((name) => lines.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text))) ?? null;
}

function readModifier(text: string): ModifierLog | null {
  const log = readModifierLog(text);
  return log.list !== null ||
    log.listed.length + log.asked.length + log.removed.length + log.deleted.length > 0
    ? log
    : null;
}

/**
 * Reads a log of `hb_mapper checker`, `hb_mapper makertbin`, `hb_model_modifier` or `hb_model_info`, or an excerpt.
 *
 * Throws ConfigError `no_mapper_log`, which says what was found instead, for text without a graph, a node
 * table, a step or a removable node.
 */
export function readMapperLog(text: string, path: string): MapperLog {
  const all = readLogLines(text);
  const { run, runCount } = lastRun(all);
  const whole = wholeLines(run);
  const graph = readGraphTensors(run);
  const nodes = readNodeTable(run);
  const end = readRunEnd(run);
  const mapper = readTool(run);
  const modifier = readModifier(text);
  const hasBegun = run.some((line) => /^Start hb_mapper|Dump config:|Start to Horizon NN/.test(line.text));
  const hasSteps = mapper !== null && run.some(isOfLogger);
  const hasMapper = nodes.length > 0 || graph.outputs.length > 0 || hasSteps || hasBegun;
  const isInfo = run.some((line) => /\bStart hb_model_info\b|^hb_model_info version/.test(line.text));
  const failed = hasMapper || isInfo || modifier !== null ? null : readFailedTool(run, end);
  const foreign = foreignText(all);
  if (foreign !== null || (!hasMapper && !isInfo && modifier === null && failed === null)) {
    const what = foreign ?? describeBegin(all);
    throw new ConfigError('no_mapper_log', `${path} is no log of hb_mapper or hb_model_modifier: ${what}`, {
      path,
    });
  }
  return {
    tool: hasMapper ? mapper : isInfo ? 'hb_model_info' : (failed ?? 'hb_model_modifier'),
    state: hasMapper ? end.state : modifierState(modifier, end),
    openStep: end.openStep,
    failure: end.failure,
    lineCount: all.length,
    runCount,
    versions: readVersions(whole),
    origin: readOrigin(whole),
    graph,
    calibration: readCalibrationSettings(whole),
    compile: readCompileSettings(whole),
    estimates: readEstimates(whole),
    nodes,
    isTableCutOff: endsInTable(run, nodes),
    outputs: readOutputTable(whole),
    modifier,
    errors: end.errors,
    warnings: messagesOf(run, 'warning', warningText),
  };
}

/** True for text that `readMapperLog` reads. */
export function isMapperLog(text: string): boolean {
  try {
    readMapperLog(text, '');
    return true;
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'no_mapper_log') return false;
    throw error;
  }
}

function describeBegin(lines: readonly LogLine[]): string {
  const first = lines.find((line) => line.text.trim() !== '')?.text.trim() ?? '';
  const missing = 'node table, graph outputs, step of the tool or removable node';
  return `no ${missing} in its ${counted(lines.length, 'line')}; it begins with ${JSON.stringify(first.slice(0, 60))}`;
}
