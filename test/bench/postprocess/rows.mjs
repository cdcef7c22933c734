// Rows of the comparison from its rounds: [round][contestant] -> one entry per scene.
import { median } from './median.mjs';

export const ours = 'ours';

/** Medians over the rounds. */
export function stageRow(rounds, contestant, index) {
  const measured = rounds.map((round) => round.get(contestant)[index]);
  const over = (stage) => median(measured.map((scene) => scene[stage]));
  const { objectCount, candidateCount } = measured[0];
  return {
    name: `${rounds[0].get(ours)[index].name} ${contestant}`,
    objects: objectCount,
    candidates: candidateCount,
    scanMs: over('scanMs'),
    decodeMs: over('decodeMs'),
    masksMs: over('masksMs'),
    totalMs: over('totalMs'),
  };
}

/** Ours over the other's, each round for itself. */
export function ratioRow(rounds, contestant, index) {
  const over = (stage) =>
    median(rounds.map((round) => round.get(ours)[index][stage] / round.get(contestant)[index][stage]));
  return {
    name: `${rounds[0].get(ours)[index].name} ours / ${contestant}`,
    decodeRatio: over('decodeMs'),
    masksRatio: over('masksMs'),
    totalRatio: over('totalMs'),
  };
}

/** What the top-k bound made of the worst frame. */
export function boundRow(rounds) {
  const { name, candidates, decodeMs, masksMs, totalMs } = stageRow(rounds, ours, 0);
  const { cutCount, objectCount } = rounds[0].get(ours)[0];
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
