import type { Contours, FrameResult, Instances } from './result.js';

/** How many of the ranges' items the chosen ones own. */
function ownedCount(starts: Uint32Array, indices: readonly number[]): number {
  let owned = 0;
  for (const index of indices) owned += starts[index + 1]! - starts[index]!;
  return owned;
}

function selectContours(
  { points, ringStarts, instanceStarts }: Contours,
  indices: readonly number[],
): Contours {
  const rings = new Uint32Array(ownedCount(instanceStarts, indices) + 1);
  const starts = new Uint32Array(indices.length + 1);
  const parts: Float32Array[] = [];
  let [ring, pointCount] = [0, 0];
  indices.forEach((index, i) => {
    for (let from = instanceStarts[index]!; from < instanceStarts[index + 1]!; from++) {
      parts.push(points.subarray(ringStarts[from]! * 2, ringStarts[from + 1]! * 2));
      pointCount += ringStarts[from + 1]! - ringStarts[from]!;
      rings[++ring] = pointCount;
    }
    starts[i + 1] = ring;
  });
  const chosen = new Float32Array(pointCount * 2);
  parts.forEach((part, i) => {
    chosen.set(part, rings[i]! * 2);
  });
  return { points: chosen, ringStarts: rings, instanceStarts: starts };
}

/** The instances at these indices, in this order, in memory of their own; the given ones where all are asked for. */
export function selectInstances(instances: Instances, indices: readonly number[]): Instances {
  const { count, boxesImage, scores, classIds, spans, spanStarts, contours } = instances;
  if (indices.length === count && indices.every((index, i) => index === i)) return instances;
  const boxes = new Float32Array(indices.length * 4);
  const starts = new Uint32Array(indices.length + 1);
  const chosenSpans = new Uint16Array(ownedCount(spanStarts, indices) * 3);
  indices.forEach((index, i) => {
    boxes.set(boxesImage.subarray(index * 4, index * 4 + 4), i * 4);
    chosenSpans.set(spans.subarray(spanStarts[index]! * 3, spanStarts[index + 1]! * 3), starts[i]! * 3);
    starts[i + 1] = starts[i]! + spanStarts[index + 1]! - spanStarts[index]!;
  });
  return {
    count: indices.length,
    boxesImage: boxes,
    scores: Float32Array.from(indices, (index) => scores[index]!),
    classIds: Uint16Array.from(indices, (index) => classIds[index]!),
    spans: chosenSpans,
    spanStarts: starts,
    contours: contours === null ? null : selectContours(contours, indices),
  };
}

/** Scores are rounded to four bytes after they were compared with the threshold: by less than this. */
const roundedBy = 1e-6;

/** Whether the score of an instance, which is above the threshold that it was found with, is below another one. */
export function isBelow(score: number, scoreThreshold: number): boolean {
  return score < scoreThreshold - roundedBy;
}

/** The result without instances that are below a threshold; the given one where there is none. */
export function withoutBelow(result: FrameResult, scoreThreshold: number): FrameResult {
  const { instances } = result;
  const { count, scores } = instances;
  // Best score first.
  let kept = count;
  while (kept > 0 && isBelow(scores[kept - 1]!, scoreThreshold)) kept--;
  if (kept === count) return result;
  const indices = Array.from({ length: kept }, (_, index) => index);
  return { ...result, instances: selectInstances(instances, indices) };
}
