import type { Instances } from '../core/result.js';
import type { JudgedFrame } from './evaluate.js';

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Whether both hold the same classes, scores and masks in the same order. */
export function sameInstances(a: Instances, b: Instances): boolean {
  return (
    sameNumbers(a.classIds, b.classIds) &&
    sameNumbers(a.scores, b.scores) &&
    sameNumbers(a.spanStarts, b.spanStarts) &&
    sameNumbers(a.spans, b.spans)
  );
}

/** Frames whose outputs are not the objects of their picture. */
export function framesThatDiffer(frames: readonly JudgedFrame[]): number {
  return frames.filter(({ picture, found }) => !sameInstances(picture.objects, found)).length;
}
