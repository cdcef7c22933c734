// Rows of the comparison from its rounds: [round][contestant] -> one entry per scene.
import { median } from './median.mjs';

/**
 * @typedef {{ name: string, objectCount: number, candidateCount: number, cutCount?: number, scanMs: number,
 *   decodeMs: number, masksMs: number, totalMs: number }} SceneTimes
 * @typedef {Map<string, SceneTimes[]>} Round times of each scene, by contestant
 * @typedef {'scanMs' | 'decodeMs' | 'masksMs' | 'totalMs'} Stage
 */

export const ours = 'ours';

/**
 * @param {Round} round
 * @param {string} contestant
 * @param {number} index of the scene
 */
function timesOf(round, contestant, index) {
  const times = round.get(contestant)?.[index];
  if (times === undefined) throw new Error(`${contestant} has not run scene ${index}`);
  return times;
}

/**
 * Medians over the rounds.
 *
 * @param {readonly Round[]} rounds
 * @param {string} contestant
 * @param {number} index of the scene
 */
export function stageRow(rounds, contestant, index) {
  const measured = rounds.map((round) => timesOf(round, contestant, index));
  /** @param {Stage} stage */
  const over = (stage) => median(measured.map((scene) => scene[stage]));
  const { objectCount, candidateCount } = measured[0];
  return {
    name: `${timesOf(rounds[0], ours, index).name} ${contestant}`,
    objects: objectCount,
    candidates: candidateCount,
    scanMs: over('scanMs'),
    decodeMs: over('decodeMs'),
    masksMs: over('masksMs'),
    totalMs: over('totalMs'),
  };
}

/**
 * Ours over the other's, each round for itself.
 *
 * @param {readonly Round[]} rounds
 * @param {string} contestant
 * @param {number} index of the scene
 */
export function ratioRow(rounds, contestant, index) {
  /** @param {Stage} stage */
  const over = (stage) =>
    median(
      rounds.map((round) => timesOf(round, ours, index)[stage] / timesOf(round, contestant, index)[stage]),
    );
  return {
    name: `${timesOf(rounds[0], ours, index).name} ours / ${contestant}`,
    decodeRatio: over('decodeMs'),
    masksRatio: over('masksMs'),
    totalRatio: over('totalMs'),
  };
}

/**
 * What the top-k bound made of the worst frame.
 *
 * @param {readonly Round[]} rounds
 */
export function boundRow(rounds) {
  const { name, candidates, decodeMs, masksMs, totalMs } = stageRow(rounds, ours, 0);
  const { cutCount = 0, objectCount } = timesOf(rounds[0], ours, 0);
  return {
    name: `${name}, bounded`,
    cellsAboveThreshold: candidates,
    cutByTopK: cutCount,
    intoNms: candidates - cutCount,
    objects: objectCount,
    decodeMs,
    masksMs,
    totalMs,
  };
}
