// Rates and CPU times of bpu-sim's stages, and their table.

import { layTable } from '../../dist/core/table.js';

/**
 * @typedef {object} StageMeasurement What was measured in one run of the graph, or of a part of it.
 * @property {string} name
 * @property {number} rateHz
 * @property {Readonly<Record<string, number>>} cpuMs CPU milliseconds used while `windowMs` passed, by process.
 * @property {Readonly<Record<string, number>>} waitMs Milliseconds their threads waited for a core, added up, by process.
 * @property {number} windowMs
 * @property {number} busyCores Cores that were busy on average, with all other programs of the machine.
 */

/**
 * Frames per second between the first and the last count within the window; null with fewer than two.
 * The counts are in order of time.
 *
 * @param {readonly import('../../dist/record/nodeFigures.js').Progress[]} progress
 * @param {number} fromMs
 * @param {number} toMs
 */
export function rateWithin(progress, fromMs, toMs) {
  const inside = progress.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const first = inside[0];
  const last = inside[inside.length - 1];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.framesOut - first.framesOut) * 1000) / (last.atMs - first.atMs);
}

/**
 * Milliseconds per frame that left the node, of milliseconds in the whole window; null when none did.
 *
 * @param {number} windowSumMs
 * @param {StageMeasurement} stage
 * @internal Exported for tests.
 */
export function msPerFrame(windowSumMs, { rateHz, windowMs }) {
  return rateHz > 0 ? (windowSumMs * 1000) / (rateHz * windowMs) : null;
}

/**
 * Cores these programs kept busy on average.
 *
 * @param {StageMeasurement} stage
 * @internal Exported for tests.
 */
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

/**
 * @param {Readonly<Record<string, number>>} windowSumsMs
 * @param {StageMeasurement} stage
 */
function byProcess(windowSumsMs, stage) {
  return Object.entries(windowSumsMs)
    .map(([name, sumMs]) => `${name} ${msPerFrame(sumMs, stage)?.toFixed(2) ?? '-'}`)
    .join(', ');
}

/**
 * One line for each stage, with a heading; the widths fit the longest cell.
 *
 * @param {readonly StageMeasurement[]} stages
 * @param {number} idealRateHz
 * @param {number} cores
 */
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
