import { ConfigError } from '../core/errors.js';
import { type GraphTensors, readGraphTensors } from './graphTensors.js';
import { type LogLine, readLogLines } from './logLines.js';
import {
  type CalibrationSettings,
  type CompileSettings,
  lastMatch,
  readCalibrationSettings,
  readCompileSettings,
} from './mapperSettings.js';
import { type NodeRow, readNodeTable } from './nodeTable.js';
import { type OutputRow, readOutputTable } from './outputTable.js';

/** What the compiler expects of one BPU subgraph; estimates, not measurements. */
export interface SubgraphEstimate {
  readonly name: string;
  readonly fps: number;
  readonly latencyUs: number;
  readonly ddrBytes: number;
}

export interface LogMessage {
  /** Line in the file. */
  readonly line: number;
  readonly text: string;
}

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

/** finished: the closing line is there; failed: an error stands after the last success; else unfinished. */
export type RunState = 'finished' | 'failed' | 'unfinished';

/** Everything a log of `hb_mapper checker` or `hb_mapper makertbin` tells of its last run. */
export interface MapperLog {
  readonly tool: 'checker' | 'makertbin' | null;
  readonly state: RunState;
  /** The last step that began without ending; null if none did. */
  readonly openStep: string | null;
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
  readonly outputs: readonly OutputRow[];
  readonly errors: readonly LogMessage[];
  readonly warnings: readonly LogMessage[];
}

const closing =
  /Convert to runtime bin file suc+essfully|End Model Convert|End model checking|Check(?:ing)? (?:model )?(?:successfully|success|passed)/i;

function lastRun(lines: readonly LogLine[]): { run: readonly LogLine[]; runCount: number } {
  for (const marker of [/^Start hb_mapper\.*/, /^Start Model Convert/, /Start to Horizon NN Model Convert/]) {
    const starts = lines.flatMap((line, index) => (marker.test(line.text) ? [index] : []));
    if (starts.length === 0) continue;
    return { run: starts.length === 1 ? lines : lines.slice(starts.at(-1)), runCount: starts.length };
  }
  return { run: lines, runCount: 1 };
}

const estimatePattern =
  /FPS\s*=\s*([\d.eE+]+),\s*latency\s*=\s*([\d.eE+]+)\s*(us|ms),\s*DDR\s*=\s*([\d.eE+]+)\s*bytes(?:\s*\(see (\S+?)(?:\.html)?\))?/;

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

function readTool(lines: readonly LogLine[]): MapperLog['tool'] {
  const has = (pattern: RegExp) => lines.some((line) => pattern.test(line.text));
  if (has(/makertbin|Start Model Convert|runtime bin file/)) return 'makertbin';
  if (has(/hb_mapper[_ ]checker|(?:Start|Begin|End) model check/i)) return 'checker';
  return has(/Start to (?:calibrate|compile) the model|There are \d+ samples/) ? 'makertbin' : null;
}

function readOpenStep(lines: readonly LogLine[]): string | null {
  const open: string[] = [];
  for (const { text } of lines) {
    const start = /\bStart to (.+?)\.?$/.exec(text);
    const end = /\bEnd to (.+?)\.?$/.exec(text);
    if (start !== null) open.push(start[1]);
    if (end === null) continue;
    // Old versions name the model in one of the two lines only.
    const at = open.findLastIndex((step) => step.split(' ')[0] === end[1].split(' ')[0]);
    if (at >= 0) open.splice(at, 1);
  }
  return open.at(-1) ?? null;
}

const errorText =
  /^(?:\*+ ERROR-OCCUR-DURING|Traceback \(most recent call last\)|[\w.]*(?:Error|Exception)\b:|(?:error|fatal)\b\s*:)/i;
const warningText =
  /^(?:advice:|warning\b|Can(?:not| not) find|The calibration dir name suffix is not the same)|\bdeprecated(?! parameters)|\bdoes not support\b/i;

function messagesOf(lines: readonly LogLine[], level: LogLine['level'], pattern: RegExp): LogMessage[] {
  return lines
    .filter((line) => line.level === level || pattern.test(line.text))
    .map(({ number, text }) => ({ line: number, text }));
}

function stateOf(lines: readonly LogLine[], errors: readonly LogMessage[]): RunState {
  const closed = lines.findLast((line) => closing.test(line.text));
  if (closed !== undefined) return 'finished';
  return errors.length > 0 ? 'failed' : 'unfinished';
}

/**
 * Reads a log of `hb_mapper checker` or `hb_mapper makertbin`, or an excerpt of one.
 *
 * Throws ConfigError `no_mapper_log`, which says what was found instead, for text without a graph, a node
 * table or an error message of these tools.
 */
export function readMapperLog(text: string, path: string): MapperLog {
  const all = readLogLines(text);
  const { run, runCount } = lastRun(all);
  const graph = readGraphTensors(run);
  const nodes = readNodeTable(run);
  const errors = messagesOf(run, 'error', errorText);
  const tool = readTool(run);
  const hasBegun = run.some((line) => /^Start hb_mapper|Dump config:|Start to Horizon NN/.test(line.text));
  if (nodes.length === 0 && graph.outputs.length === 0 && tool === null && !hasBegun) {
    throw new ConfigError('no_mapper_log', `${path} is no log of hb_mapper: ${whatItIs(all)}`, { path });
  }
  return {
    tool,
    state: stateOf(run, errors),
    openStep: readOpenStep(run),
    lineCount: all.length,
    runCount,
    versions: readVersions(run),
    origin: readOrigin(run),
    graph,
    calibration: readCalibrationSettings(run),
    compile: readCompileSettings(run),
    estimates: readEstimates(run),
    nodes,
    outputs: readOutputTable(run),
    errors,
    warnings: messagesOf(run, 'warning', warningText),
  };
}

function whatItIs(lines: readonly LogLine[]): string {
  const has = (pattern: RegExp) => lines.some((line) => pattern.test(line.text));
  if (has(/hb_model_modifier|HzDequantize/)) {
    return 'it is one of hb_model_modifier; try `rdk-yolo-seg model dequant`';
  }
  if (has(/^\[model name\]:/)) return 'it is the text of hrt_model_exec; try `rdk-yolo-seg model info`';
  const first =
    lines
      .find((line) => line.text.trim() !== '')
      ?.text.trim()
      .slice(0, 60) ?? '';
  return `none of its ${lines.length} lines is a node table, a list of graph inputs and outputs or a step of the tool; it begins with ${JSON.stringify(first)}`;
}
