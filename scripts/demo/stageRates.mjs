// Rates and CPU times of bpu-sim's stages, and their table. The types stand in stageRates.d.mts.
import { layTable } from '../../dist/core/table.js';

/**
 * Frames per second between the first and the last count within the window; null with fewer than two.
 * The counts are in order of time.
 */
export function rateWithin(progress, fromMs, toMs) {
  const inside = progress.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const first = inside[0];
  const last = inside[inside.length - 1];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.framesOut - first.framesOut) * 1000) / (last.atMs - first.atMs);
}

/** Milliseconds per frame that left the node, of milliseconds in the whole window; null when none did. */
export function msPerFrame(windowSumMs, { rateHz, windowMs }) {
  return rateHz > 0 ? (windowSumMs * 1000) / (rateHz * windowMs) : null;
}

/** Cores these programs kept busy on average. */
export function ownCores({ cpuMs, windowMs }) {
  return Object.values(cpuMs).reduce((sum, value) => sum + value, 0) / windowMs;
}

const HEADING = [
  'stage',
  'measured',
  'ideal',
  'ratio',
  'CPU ms per frame',
  'waited for a core, ms per frame',
  'cores used: these / all',
];

function byProcess(windowSumsMs, stage) {
  return Object.entries(windowSumsMs)
    .map(([name, sumMs]) => `${name} ${msPerFrame(sumMs, stage)?.toFixed(2) ?? '-'}`)
    .join(', ');
}

/** One line for each stage, with a heading; the widths fit the longest cell. */
export function formatStageTable(stages, idealRateHz, cores) {
  const rows = stages.map((stage) => [
    stage.name,
    `${stage.rateHz.toFixed(1)} Hz`,
    `${idealRateHz.toFixed(1)} Hz`,
    `${((100 * stage.rateHz) / idealRateHz).toFixed(1)} %`,
    byProcess(stage.cpuMs, stage),
    byProcess(stage.waitMs, stage),
    `${ownCores(stage).toFixed(1)} / ${stage.busyCores.toFixed(1)} of ${cores}`,
  ]);
  return layTable([HEADING, ...rows], { indent: '' }).join('\n');
}
