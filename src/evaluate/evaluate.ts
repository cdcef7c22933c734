import type { Instances } from '../core/result.js';
import { maskAreaPx, maskIou, sharedAreaPx } from '../core/spans.js';
import type { GroundTruth, ObjectVisibility, TruthPicture } from './groundTruth.js';

/** An output of the node and the picture it was made from. */
export interface JudgedFrame {
  readonly picture: TruthPicture;
  /** Class ids index `GroundTruth.classNames`; others match nothing. */
  readonly found: Instances;
}

/** Masks that overlap less than this do not count as the same object. */
export const matchIou = 0.5;

/**
 * Which objects a detector must find to be called working. Chosen before anything was measured with it:
 * large enough for the model, mostly in view, not cut by the picture's border.
 */
export interface VisibilityRule {
  readonly minLongerSidePx: number;
  readonly minVisibleFraction: number;
}

/** Longer side at the scale of the model input, in model pixels. */
const minLongerSideModelPx = 32;

/** The rule for pictures that are scaled by `gain` (model pixels per picture pixel). */
export function visibilityRule(gain: number): VisibilityRule {
  return { minLongerSidePx: minLongerSideModelPx / gain, minVisibleFraction: 0.5 };
}

/**
 * Whether a detector is expected to find the object by this rule.
 *
 * @internal Exported for tests.
 */
export function isClearlyVisible(object: ObjectVisibility, rule: VisibilityRule): boolean {
  return (
    object.longerSidePx >= rule.minLongerSidePx &&
    object.visibleFraction >= rule.minVisibleFraction &&
    !object.cut
  );
}

/** How outputs compare with exact ground truth, summed over frames. */
export interface Evaluation {
  readonly frames: number;
  readonly objects: number;
  readonly matched: number;
  /** Mean mask IoU of matched objects; null without any. */
  readonly matchedIou: number | null;
  readonly clearlyVisible: number;
  readonly clearlyVisibleFound: number;
  /** Found over all clearly visible objects; null without any. */
  readonly recall: number | null;
  /** Mean mask IoU of clearly visible objects, a missed one counting 0; null without any. */
  readonly clearlyVisibleIou: number | null;
  /** Outputs that match no object and do not lie in a crowd. */
  readonly unmatchedFound: number;
  /** Outputs that match no object of their own but lie in a crowd of their class: neither right nor wrong. */
  readonly inCrowds: number;
  /** Outputs by class name. */
  readonly foundByClass: Readonly<Record<string, number>>;
}

/** Which outputs are which objects. */
export interface Pairing {
  /** Of each object, its IoU with its output, or 0 where nothing overlaps it by `matchIou`. */
  readonly ious: readonly number[];
  /** Outputs that belong to an object. */
  readonly used: ReadonlySet<number>;
}

/** Pairs objects with outputs of the same class, the best mask IoU first, each used once. */
export function pairMasks(objects: Instances, found: Instances): Pairing {
  const pairs: { object: number; output: number; iou: number }[] = [];
  for (let object = 0; object < objects.count; object++) {
    for (let output = 0; output < found.count; output++) {
      if (objects.classIds[object] !== found.classIds[output]) continue;
      const iou = maskIou(objects, object, found, output);
      if (iou >= matchIou) pairs.push({ object, output, iou });
    }
  }
  pairs.sort((a, b) => b.iou - a.iou);
  const ious = new Array<number>(objects.count).fill(0);
  const used = new Set<number>();
  for (const { object, output, iou } of pairs) {
    if (ious[object] !== 0 || used.has(output)) continue;
    ious[object] = iou;
    used.add(output);
  }
  return { ious, used };
}

/** Whether an output lies in a crowd of its class by `matchIou` of its own area, as COCO counts it. */
export function isInCrowd(crowds: Instances, found: Instances, output: number): boolean {
  const areaPx = maskAreaPx(found, output);
  for (let crowd = 0; crowd < crowds.count; crowd++) {
    if (crowds.classIds[crowd] !== found.classIds[output]) continue;
    if (areaPx > 0 && sharedAreaPx(crowds, crowd, found, output) >= matchIou * areaPx) return true;
  }
  return false;
}

/** Compares every frame with its picture's ground truth. */
export function evaluate(
  classNames: GroundTruth['classNames'],
  frames: readonly JudgedFrame[],
  rule: VisibilityRule,
): Evaluation {
  const foundByClass: Record<string, number> = Object.fromEntries(classNames.map((name) => [name, 0]));
  let objects = 0;
  let matched = 0;
  let matchedSum = 0;
  let clearlyVisible = 0;
  let clearlyVisibleFound = 0;
  let clearlyVisibleSum = 0;
  let outputs = 0;
  let inCrowds = 0;
  for (const { picture, found } of frames) {
    const { ious, used } = pairMasks(picture.objects, found);
    const { crowds } = picture;
    for (let output = 0; crowds !== undefined && output < found.count; output++) {
      if (!used.has(output) && isInCrowd(crowds, found, output)) inCrowds++;
    }
    objects += ious.length;
    outputs += found.count;
    for (const classId of found.classIds) {
      const name = classNames[classId] ?? 'unknown';
      foundByClass[name] = (foundByClass[name] ?? 0) + 1;
    }
    ious.forEach((iou, index) => {
      if (iou > 0) matched++;
      matchedSum += iou;
      if (!isClearlyVisible(picture.visibility[index]!, rule)) return;
      clearlyVisible++;
      if (iou > 0) clearlyVisibleFound++;
      clearlyVisibleSum += iou;
    });
  }
  const ratio = (sum: number, count: number) => (count === 0 ? null : sum / count);
  return {
    frames: frames.length,
    objects,
    matched,
    matchedIou: ratio(matchedSum, matched),
    clearlyVisible,
    clearlyVisibleFound,
    recall: ratio(clearlyVisibleFound, clearlyVisible),
    clearlyVisibleIou: ratio(clearlyVisibleSum, clearlyVisible),
    unmatchedFound: outputs - matched - inCrowds,
    inCrowds,
    foundByClass,
  };
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/**
 * Whether both hold the same classes, scores and masks in the same order.
 *
 * @internal Exported for tests.
 */
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
