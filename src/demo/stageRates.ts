/** How many frames had left the node at one moment. */
export interface Progress {
  readonly atMs: number;
  readonly framesOut: number;
}

/** What was measured in one run of the graph, or of a part of it. */
export interface StageMeasurement {
  readonly name: string;
  readonly rateHz: number;
  /** CPU milliseconds used while `windowMs` passed, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Milliseconds their threads waited for a core meanwhile, added up, by process. */
  readonly waitMs: Readonly<Record<string, number>>;
  readonly windowMs: number;
  /** Cores that were busy on average, with all other programs of the machine. */
  readonly busyCores: number;
}

/**
 * Frames per second between the first and the last count within the window; null with fewer than two.
 *
 * @param progress In order of time.
 */
export function rateWithin(progress: readonly Progress[], fromMs: number, toMs: number): number | null {
  const inside = progress.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const first = inside[0];
  const last = inside[inside.length - 1];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.framesOut - first.framesOut) * 1000) / (last.atMs - first.atMs);
}

/** Milliseconds per frame that left the node, of milliseconds in the whole window; null when none did. */
export function msPerFrame(windowSumMs: number, { rateHz, windowMs }: StageMeasurement): number | null {
  return rateHz > 0 ? (windowSumMs * 1000) / (rateHz * windowMs) : null;
}

/** Cores these programs kept busy on average. */
export function ownCores({ cpuMs, windowMs }: StageMeasurement): number {
  return Object.values(cpuMs).reduce((sum, value) => sum + value, 0) / windowMs;
}

const heading = [
  'stage',
  'measured',
  'ideal',
  'ratio',
  'CPU ms per frame',
  'waited for a core, ms per frame',
  'cores used: these / all',
];

function byProcess(windowSumsMs: Readonly<Record<string, number>>, stage: StageMeasurement): string {
  return Object.entries(windowSumsMs)
    .map(([name, sumMs]) => `${name} ${msPerFrame(sumMs, stage)?.toFixed(2) ?? '-'}`)
    .join(', ');
}

/** One line for each stage, with a heading; the widths fit the longest cell. */
export function formatStageTable(
  stages: readonly StageMeasurement[],
  idealRateHz: number,
  cores: number,
): string {
  const rows = stages.map((stage) => [
    stage.name,
    `${stage.rateHz.toFixed(1)} Hz`,
    `${idealRateHz.toFixed(1)} Hz`,
    `${((100 * stage.rateHz) / idealRateHz).toFixed(1)} %`,
    byProcess(stage.cpuMs, stage),
    byProcess(stage.waitMs, stage),
    `${ownCores(stage).toFixed(1)} / ${stage.busyCores.toFixed(1)} of ${cores}`,
  ]);
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
