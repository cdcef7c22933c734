import { layTable } from '../core/table.js';
import { counted } from '../core/words.js';
import { type Clocks, clockLines } from './clocks.js';
import { benchStages, type TaskFigures } from './figures.js';
import { saturationAdvice, saturationTasks } from './saturation.js';

/** Everything a bench found; what `--json` writes. */
export interface BenchReport {
  readonly model: string;
  readonly backend: string;
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly pictures: number;
  readonly warmUpFrames: number;
  readonly clocks: Clocks;
  readonly warnings: readonly string[];
  readonly levels: readonly TaskFigures[];
  readonly saturationTasksInFlight: number | null;
  readonly advice: readonly string[];
}

/** Puts the figures of all task counts and what they say together into one report. */
export function buildReport(
  about: Pick<
    BenchReport,
    'model' | 'backend' | 'inputWidthPx' | 'inputHeightPx' | 'pictures' | 'warmUpFrames' | 'clocks'
  >,
  levels: readonly TaskFigures[],
): BenchReport {
  return {
    ...about,
    warnings: clockLines(about.clocks).warnings,
    levels,
    saturationTasksInFlight: saturationTasks(levels),
    advice: saturationAdvice(levels, about.backend),
  };
}

const head = ['tasks', 'frames/s', 'mean', 'p50', 'p95', 'min', 'max', 'post', 'share', ...benchStages];

function cells(level: TaskFigures): string[] {
  const { latencyMs, stageMeanMs } = level;
  const { mean, p50, p95, min, max } = latencyMs;
  const ms = (value: number) => value.toFixed(2);
  return [
    String(level.tasksInFlight),
    level.framesPerSecond.toFixed(1),
    ...[mean, p50, p95, min, max, level.postprocessMs].map(ms),
    `${(level.postprocessShare * 100).toFixed(1)} %`,
    ...benchStages.map((stage) => ms(stageMeanMs[stage])),
  ];
}

/** The report as text for a terminal. */
export function renderReport(report: BenchReport): string {
  const { model, backend, inputWidthPx, inputHeightPx, pictures, warmUpFrames, levels } = report;
  const frames = levels[0]!.frames;
  return [
    `${model} on ${backend}, input ${inputWidthPx}x${inputHeightPx}`,
    `${counted(frames, 'frame')} of ${counted(pictures, 'picture')} per line, after ${counted(warmUpFrames, 'frame')} of warm-up`,
    ...clockLines(report.clocks).state,
    ...report.warnings,
    'times in ms; mean to max: from prepare start to inference result; post: post-processing, mean',
    '',
    ...layTable([head, ...levels.map(cells)], { indent: '', align: 'right' }),
    '',
    ...report.advice,
  ].join('\n');
}
