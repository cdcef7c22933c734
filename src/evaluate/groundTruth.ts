import type { Instances } from '../core/result.js';
import { type CocoAnnotation, type CocoFile, type CocoImage, maskSpans, parseCocoFile } from './cocoFile.js';
import { type LabelledMask, packMasks } from './labelledMasks.js';

/** How well an object can be seen. */
export interface ObjectVisibility {
  /** Longer side of the box of its visible pixels. */
  readonly longerSidePx: number;
  /** Visible area over the area without other objects before it, 0 to 1. */
  readonly visibleFraction: number;
  /** It touches the border of the picture. */
  readonly cut: boolean;
}

/** One picture with the objects that are in it. */
export interface TruthPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly objects: Instances;
  /** Same index as `objects`. */
  readonly visibility: readonly ObjectVisibility[];
  /** Regions with so many objects that none is outlined by itself; not there: none. */
  readonly crowds?: Instances;
  /** Which object it is, in all pictures alike, same index as `objects`; not there where a picture does not tell it of all. */
  readonly trackIds?: readonly number[];
}

/** Every picture of a COCO file with its objects. */
export interface GroundTruth {
  /** Index = class id of `TruthPicture.objects`. */
  readonly classNames: readonly string[];
  /** By file name. */
  readonly pictures: ReadonlyMap<string, TruthPicture>;
}

/** True if a mask touches the border of its picture. */
function isCut(spans: Uint16Array, widthPx: number, heightPx: number): boolean {
  for (let at = 0; at < spans.length; at += 3) {
    const [yPx, x1Px, x2Px] = [spans[at], spans[at + 1], spans[at + 2]];
    if (yPx === 0 || yPx === heightPx - 1 || x1Px === 0 || x2Px === widthPx) return true;
  }
  return false;
}

/** Reads a picture; gives way between its objects. */
function* readObjects(
  image: CocoImage,
  annotations: readonly (readonly [index: number, annotation: CocoAnnotation])[],
  classIds: ReadonlyMap<number, number>,
  path: string,
): Generator<undefined, TruthPicture> {
  const { width: widthPx, height: heightPx } = image;
  const masks: LabelledMask[] = [];
  const crowds: LabelledMask[] = [];
  const visibility: ObjectVisibility[] = [];
  const trackIds: number[] = [];
  for (const [index, annotation] of annotations) {
    yield;
    const classId = classIds.get(annotation.category_id)!;
    const [x1, y1, boxWidthPx, boxHeightPx] = annotation.bbox;
    const spans = maskSpans(annotation, image, index, path);
    const boxImage = { x1, y1, x2: x1 + boxWidthPx, y2: y1 + boxHeightPx };
    const mask: LabelledMask = { classId, score: annotation.score, boxImage, spans };
    if (annotation.iscrowd) {
      crowds.push(mask);
      continue;
    }
    masks.push(mask);
    if (annotation.track_id !== undefined) trackIds.push(annotation.track_id);
    visibility.push({
      longerSidePx: Math.max(boxWidthPx, boxHeightPx),
      visibleFraction: annotation.visible_fraction,
      cut: annotation.cut ?? isCut(spans, widthPx, heightPx),
    });
  }
  const objects = packMasks(masks);
  const known = trackIds.length === masks.length ? { trackIds } : {};
  return { widthPx, heightPx, objects, visibility, crowds: packMasks(crowds), ...known };
}

/**
 * Reads the objects of one picture at a time, whose masks would not all fit into memory, in steps of one object. Classes are numbered
 * as the file's categories stand.
 *
 * The steps throw ConfigError `ground_truth`, in one line with the place, for masks that do not fit their picture.
 */
export function truthSteps(
  file: CocoFile,
  path: string,
): (image: CocoImage) => Generator<undefined, TruthPicture> {
  const classIds = new Map(file.categories.map((category, index) => [category.id, index]));
  const byImage = new Map(file.images.map(({ id }) => [id, [] as [number, CocoAnnotation][]]));
  for (const [index, annotation] of file.annotations.entries()) {
    byImage.get(annotation.image_id)!.push([index, annotation]);
  }
  return (image) => readObjects(image, byImage.get(image.id) ?? [], classIds, path);
}

/** All steps in one. */
function readAtOnce(steps: Generator<undefined, TruthPicture>): TruthPicture {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * Reads a COCO file: run lengths, also as lists, and polygons; `visible_fraction`, `cut` and `track_id` are keys of our own
 * (assets/README.md). Regions of many objects (`iscrowd`) are kept apart.
 *
 * Throws ConfigError `ground_truth`, in one line with the place, for another form, for ids that are there twice
 * or not at all, and for masks that do not fit their picture.
 */
export function parseGroundTruth(text: string, path = 'the ground truth'): GroundTruth {
  const file = parseCocoFile(text, path);
  const begin = truthSteps(file, path);
  return {
    classNames: file.categories.map((category) => category.name),
    pictures: new Map(file.images.map((image) => [image.file_name, readAtOnce(begin(image))])),
  };
}
