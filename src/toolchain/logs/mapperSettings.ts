import { onlyOf } from '../../core/onlyOf.js';
import type { LogLine } from '../text/logLines.js';

/** How the model was quantised and compiled; null where the log does not say. */
export interface CompileSettings {
  readonly march: string | null;
  /** `O0` to `O3`. */
  readonly optimizeLevel: string | null;
  readonly coreNum: number | null;
  /** `latency` or `bandwidth`. */
  readonly compileMode: string | null;
  readonly inputTypeRt: string | null;
  readonly inputTypeTrain: string | null;
  readonly inputSource: string | null;
  readonly normType: string | null;
  readonly scaleValue: string | null;
  /** What the compiler was given for the first part of the graph, which the pictures go into. */
  readonly compilerArguments: readonly string[];
  readonly outputPrefix: string | null;
  readonly workingDir: string | null;
  /** Over all parts of the graph. */
  readonly compileSeconds: number | null;
}

/** How a model was calibrated, as its log says; null where it does not. */
export interface CalibrationSettings {
  /** As configured: default, mix, kl, max, load, skip. */
  readonly type: string | null;
  /** The search the tool ran, `default` or `modelwise search`. */
  readonly search: string | null;
  /** The method it settled on, `kl:num_bins=1024`. */
  readonly method: string | null;
  readonly sampleCount: number | null;
  readonly dataShape: readonly number[] | null;
  readonly dataType: string | null;
  readonly dataFolder: string | null;
}

/** The search that was run and what it settled on, as the tool calls them: `modelwise search, kl:num_bin=1024`. */
export function describeCalibration({ search, method }: CalibrationSettings): string {
  return [search, method].filter((text) => text !== null).join(', ') || 'method not told';
}

/** The last line that `pattern` matches, its first group. */
export function lastMatch(lines: readonly LogLine[], ...patterns: readonly RegExp[]): string | null {
  for (const pattern of patterns) {
    const line = lines.findLast(({ text }) => pattern.test(text));
    if (line !== undefined) return (pattern.exec(line.text)?.[1] ?? '').trim();
  }
  return null;
}

function numberOrNull(text: string | null): number | null {
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The configuration the tool repeats after `Dump config:`, flat: names are unique over its groups. */
function readDumpedConfig(lines: readonly LogLine[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const begin = lines.findLastIndex((line) => /\bDump config:/.test(line.text));
  if (begin < 0) return found;
  // The first line of the block stands behind the logger's own prefix, the others do not.
  for (const { text, stamp } of lines.slice(begin + 2)) {
    if (text === '' || stamp !== null) break;
    const [, name, value] = /^\s+(\w+):\s*(\S.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined || /^(?:''|"")$/.test(value)) continue;
    found.set(name, value);
  }
  return found;
}

/** A setting by its name in the configuration, else as the tool prints it in its closing summary. */
function settingReader(lines: readonly LogLine[]): (name: string, ...printed: RegExp[]) => string | null {
  const dumped = readDumpedConfig(lines);
  return (name, ...printed) => {
    const summary = new RegExp(`^\\s*${name}\\s*:+\\s*:?\\s*(\\S.*)$`);
    const value = dumped.get(name) ?? lastMatch(lines, ...printed, summary);
    return value === null || value === 'None' ? null : value.replace(/^['"]|['"]$/g, '').replace(/,$/, '');
  };
}

function firstMatch(lines: readonly LogLine[], pattern: RegExp): string | null {
  return lastMatch([...lines].reverse(), pattern);
}

/** `{'images': 'pyramid', '_default_value': 'ddr'}` by its inputs: `pyramid`, or with names where there are several. */
function readInputSources(text: string | null): string | null {
  if (text === null || !text.startsWith('{')) return text;
  const entries = [...text.matchAll(/'([^']*)': '([^']*)'/g)]
    .map(([, name = '', source = '']) => ({ name, source }))
    .filter(({ name }) => name !== '_default_value');
  if (entries.length === 0) return text;
  return onlyOf(entries)?.source ?? entries.map(({ name, source }) => `${name} ${source}`).join(', ');
}

/** Each part of the graph is compiled on its own. */
function readCompileSeconds(lines: readonly LogLine[]): number | null {
  const seconds = lines.flatMap(
    ({ text }) => /consumed time\s+([\d.]+)/.exec(text)?.slice(1).map(Number) ?? [],
  );
  return seconds.length === 0 ? null : Number(seconds.reduce((sum, one) => sum + one, 0).toFixed(6));
}

/** Compiler arguments from a Python list or, in old versions, a dict. */
function readCompilerArguments(lines: readonly LogLine[]): string[] {
  const text = firstMatch(lines, /hbdk-cc parameters:\s*([[{].*)$/);
  if (text !== null) {
    const words = [...text.matchAll(/'([^']*)'|(\d+)/g)].flatMap(
      ([, quoted, number]) => quoted ?? number ?? [],
    );
    return text.startsWith('[') ? words : words.map((word, index) => (index % 2 === 0 ? `--${word}` : word));
  }
  return lastMatch(lines, /hbdk_pass_through_params:\s*(.+)$/)?.split(/\s+/) ?? [];
}

function argumentAfter(words: readonly string[], name: string): string | null {
  return words[words.indexOf(name) + 1 || words.length] ?? null;
}

/** How the model was compiled, as the lines of hb_mapper say. */
export function readCompileSettings(lines: readonly LogLine[]): CompileSettings {
  const setting = settingReader(lines);
  const words = readCompilerArguments(lines);
  const level =
    words.find((word) => /^--?O\d$/.test(word))?.replace(/^-+/, '') ??
    argumentAfter(words, '--optimize-level');
  const saved = /Saving (?:the \w+ )?model(?: to)?: ?(\S.*?)_(?:\w+_float|calibrated|quantized)_model/;
  return {
    march: setting(
      'march',
      /compilation architecture:\s*([\w-]+)/,
      /with march ([\w-]+)/,
      /BPU march\s*:\s*(\S+)/,
    ),
    optimizeLevel: level ?? setting('optimize_level'),
    coreNum: numberOrNull(argumentAfter(words, '--core-num') ?? setting('core_num')),
    compileMode: setting('compile_mode') ?? (words.includes('--fast') ? 'latency' : null),
    inputTypeRt: setting('input_type_rt'),
    inputTypeTrain: setting('input_type_train'),
    inputSource:
      argumentAfter(words, '--input-source') ??
      readInputSources(lastMatch(lines, /input-source\s*:\s*(.+)$/)),
    normType: setting('norm_type'),
    scaleValue: setting('scale_value'),
    compilerArguments: words,
    outputPrefix: setting('output_model_file_prefix') ?? lastMatch(lines, saved),
    workingDir: setting('working_dir', /^working dir\s*:\s*(\S+)/),
    compileSeconds: readCompileSeconds(lines),
  };
}

function readShape(text: string | null): number[] | null {
  const dims = text?.split(',').map(Number) ?? [];
  return dims.length > 0 && dims.every((dim) => Number.isInteger(dim)) ? dims : null;
}

/** How the model was calibrated, as the lines of hb_mapper say. */
export function readCalibrationSettings(lines: readonly LogLine[]): CalibrationSettings {
  const setting = settingReader(lines);
  return {
    type: setting('calibration_type'),
    search: lastMatch(lines, /Run calibration model with (.+?) method/),
    method: lastMatch(lines, /Select (.+?) method/),
    sampleCount: numberOrNull(
      // The first: corrections after the calibration take some of its samples again.
      firstMatch(lines, /number_of_samples:\s*(\d+)/) ??
        firstMatch(lines, /There are (\d+) samples in/) ??
        lastMatch(lines, /num of calibration data:\s*(\d+)/),
    ),
    dataShape: readShape(lastMatch(lines, /calibration data shape:\s*\(([^)]*)\)/)),
    dataType: setting('cal_data_type'),
    dataFolder: setting('cal_data_dir'),
  };
}
