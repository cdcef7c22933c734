import type { Instances } from '../core/result.js';
import { maskIou } from '../core/spans.js';
import { isInCrowd, matchIou, pairMasks } from './evaluate.js';
import type { TruthPicture } from './groundTruth.js';

/** Detections below this score are not shown to anybody: what a user sees is compared. */
export const confusionScore = 0.25;

/**
 * Which objects are found as which class. An object and a detection belong together from a mask IoU of `matchIou` on, the best
 * first, each once: those of the same class before those of different ones. What is left over is background: an object
 * not found, a detection of nothing. Detections of nothing within a crowd of their class are left out.
 */
export class Confusion {
  /** [row][column] Row: class of the object, column: class of the detection; the last of both is background. */
  readonly counts: readonly (readonly number[])[];
  readonly #counts: number[][];
  readonly #background: number;

  constructor(classCount: number) {
    this.#background = classCount;
    this.#counts = Array.from({ length: classCount + 1 }, () => new Array<number>(classCount + 1).fill(0));
    this.counts = this.#counts;
  }

  /**
   * Adds a picture; returns how many mistakes are in it: objects not found, detections of nothing, objects found as another
   * class.
   */
  add({ objects, crowds }: TruthPicture, found: Instances): number {
    const { ious, used } = pairMasks(objects, found);
    const missed = ious.flatMap((iou, object) => (iou > 0 ? [] : [object]));
    const unused = Array.from({ length: found.count }, (_, output) => output).filter((one) => !used.has(one));
    ious.forEach((iou, object) => {
      const classId = objects.classIds[object]!;
      if (iou > 0) this.#counts[classId]![classId]!++;
    });
    const swapped = pairOthers(objects, missed, found, unused);
    let mistakes = 0;
    for (const object of missed) {
      const output = swapped.get(object);
      this.#counts[objects.classIds[object]!]![
        output === undefined ? this.#background : found.classIds[output]!
      ]!++;
      mistakes++;
    }
    const taken = new Set(swapped.values());
    for (const output of unused) {
      if (taken.has(output)) continue;
      if (crowds !== undefined && isInCrowd(crowds, found, output)) continue;
      this.#counts[this.#background]![found.classIds[output]!]!++;
      mistakes++;
    }
    return mistakes;
  }
}

/** Pairs what is left over whatever the classes, the best mask IoU first. */
function pairOthers(
  objects: Instances,
  missed: readonly number[],
  found: Instances,
  unused: readonly number[],
): ReadonlyMap<number, number> {
  const pairs = missed
    .flatMap((object) =>
      unused.map((output) => ({ object, output, iou: maskIou(objects, object, found, output) })),
    )
    .filter(({ iou }) => iou >= matchIou)
    .sort((a, b) => b.iou - a.iou);
  const outputOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const { object, output } of pairs) {
    if (outputOf.has(object) || taken.has(output)) continue;
    outputOf.set(object, output);
    taken.add(output);
  }
  return outputOf;
}
