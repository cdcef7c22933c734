import { z } from 'zod';
import { farthestPx, outlineLengthPx, polygonsToSpans } from './cocoPolygon.js';
import { rleToSpans } from './cocoRle.js';
import { checkedDocument, describeFaults, parseJson, placeOf } from '../core/documentFault.js';
import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';

/** A list whose first unfit entry is told alone: a fault of each of a million would be more than memory holds. */
function listOf<Value>(entry: z.ZodType<Value>, error?: string) {
  return z
    .array(z.unknown(), error === undefined ? undefined : { error })
    .transform((entries, context): Value[] => {
      const values: Value[] = [];
      for (const [index, found] of entries.entries()) {
        const checked = entry.safeParse(found);
        if (!checked.success) {
          const { path, message } = checked.error.issues[0]!;
          context.addIssue({ code: 'custom', path: [index, ...path], message });
          return z.NEVER;
        }
        values.push(checked.data);
      }
      return values;
    });
}

const sidePx = z.int().min(1).max(65_535);
const pixels = z.number().nonnegative();
const coordinatePx = z.number().min(-farthestPx).max(farthestPx);
const annotation = z.object({
  id: z.number(),
  image_id: z.number(),
  category_id: z.number(),
  bbox: z.tuple([z.number(), z.number(), pixels, pixels]),
  segmentation: z.unknown().optional(),
  iscrowd: z.union([z.boolean(), z.literal([0, 1])], { error: 'expected 0 or 1' }).default(0),
  score: z.number().min(0).max(1).default(1),
  visible_fraction: z.number().min(0).max(1).default(1),
  cut: z.boolean().optional(),
  track_id: z.int().positive().optional(),
});
const image = z
  .object({ id: z.number(), file_name: z.string(), width: sidePx, height: sidePx })
  .refine(({ width, height }) => width * height <= limits.compressedPixels, {
    error: ({ input }) => {
      const { width, height } = input as { readonly width: number; readonly height: number };
      return `a picture of ${width}x${height} pixels; at most ${limits.compressedPixels} are decoded`;
    },
  });
const isFilled = (entries: readonly unknown[]) => entries.length > 0;
const oneExpected = { error: 'expected one at least' };
const cocoFile = z.object({
  images: listOf(image).refine(isFilled, oneExpected),
  categories: listOf(z.object({ id: z.number(), name: z.string() })).refine(isFilled, oneExpected),
  annotations: listOf(annotation),
});
const runLengths = z.object({
  size: z.tuple([sidePx, sidePx]),
  counts: z.union([z.string(), listOf(z.int().nonnegative())], {
    error: 'expected a list of whole numbers, or their text form',
  }),
});
const outline = listOf(coordinatePx, 'expected a list of coordinates')
  .refine((corners) => corners.length >= 6, {
    error: 'expected three corners or more, x and y of each',
  })
  .refine((corners) => corners.length % 2 === 0, { error: 'expected x and y of each corner' });
const polygons = listOf(outline).refine((parts) => parts.length > 0, { error: 'holds no polygon' });

/** Throws what `refuse` makes of it for outlines whose walk, step by step as pycocotools does it, would take minutes or gigabytes. */
function limitOutlines(parts: readonly (readonly number[])[], refuse: (why: string) => Error): void {
  const { outlineCorners, outlinePx } = limits;
  const corners = parts.reduce((sum, { length }) => sum + length / 2, 0);
  if (corners > outlineCorners)
    throw refuse(`outlines of ${corners} corners; at most ${outlineCorners} of one object are read`);
  const lengthPx = Math.round(parts.reduce((sum, part) => sum + outlineLengthPx(part), 0));
  if (lengthPx > outlinePx)
    throw refuse(`outlines of ${lengthPx} pixels; at most ${outlinePx} of one object are walked`);
}

/** A COCO file as far as masks are compared with it. */
export type CocoFile = z.infer<typeof cocoFile>;
/** A picture that a COCO file lists. */
export type CocoImage = CocoFile['images'][number];
/** One object of a picture in a COCO file. */
export type CocoAnnotation = CocoFile['annotations'][number];

function refuse(path: string, why: string): ConfigError {
  return new ConfigError('ground_truth', `${path} is not a COCO file with masks: ${why}`, { path });
}

/** What annotations of COCO's other tasks have that those of instances lack. */
const otherTasks = [
  { key: 'caption', what: 'captions of whole pictures (captions_*.json)' },
  { key: 'segments_info', what: 'a panoptic segmentation (panoptic_*.json)' },
  { key: 'keypoints', what: 'key points of bodies (person_keypoints_*.json)' },
  { key: 'dp_masks', what: 'surfaces of bodies (densepose_*.json)' },
] as const;
/** COCO's stuff has the form of instances, and this category for all that is a thing. */
const thingsOfStuff = { id: 183, name: 'other' } as const;

interface Named {
  readonly id?: unknown;
  readonly name?: unknown;
}

function listIn(document: unknown, key: string): readonly object[] {
  const list = (Object(document) as Record<string, unknown>)[key];
  return Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : [];
}

/** What a document holds in place of instances; null if nothing that is known. */
function otherContent(document: unknown): string | null {
  const [result] = Array.isArray(document) ? (document as unknown[]) : [];
  if ('score' in Object(result) && 'image_id' in Object(result))
    return 'a list of results, which have no truth';
  const [annotation = {}] = listIn(document, 'annotations');
  // Tools for labelling write every key beside a mask, empty where it is not used.
  const isFilled = (value: unknown) => (Array.isArray(value) ? value.length > 0 : (value ?? '') !== '');
  const values: Readonly<Record<string, unknown>> = { ...annotation };
  const task = otherTasks.find(
    ({ key }) => key in values && (!('segmentation' in values) || isFilled(values[key])),
  );
  if (task !== undefined) return task.what;
  const { id: thingsId, name: thingsName } = thingsOfStuff;
  const isStuff = listIn(document, 'categories').some(
    ({ id, name }: Named) => id === thingsId && name === thingsName,
  );
  return isStuff ? 'areas of stuff such as sky and grass (stuff_*.json)' : null;
}

/** The text's document; throws for a file without instances. */
function documentOf(text: string): unknown {
  const document = parseJson(text);
  const content = otherContent(document);
  if (content !== null) throw new SyntaxError(`it holds ${content}; expected instances_*.json`);
  return document;
}

/** Throws ConfigError `ground_truth` for the first annotation that is a box alone. */
export function requireMasks({ annotations }: CocoFile, path: string): void {
  const index = annotations.findIndex(
    ({ segmentation }) =>
      segmentation === undefined ||
      segmentation === null ||
      (Array.isArray(segmentation) && segmentation.length === 0),
  );
  if (index < 0) return;
  const what = 'expected polygons or run lengths, found nothing: boxes alone say nothing of masks';
  throw refuse(path, `${placeOf(['annotations', index, 'segmentation'])}: ${what}`);
}

/**
 * Throws ConfigError `ground_truth`, in one line with the place, for text of another form, ids that are there twice and
 * annotations of what is not there.
 */
export function parseCocoFile(text: string, path: string): CocoFile {
  const document = checkedDocument(
    () => documentOf(text),
    cocoFile,
    (why) => refuse(path, why),
  );
  const { images, categories, annotations } = document;
  refuseTwice(images, 'images', 'id', path);
  // By their names pictures are found again.
  refuseTwice(images, 'images', 'file_name', path);
  refuseTwice(categories, 'categories', 'id', path);
  refuseTwice(annotations, 'annotations', 'id', path);
  refuseUnknown(annotations, 'image_id', images, 'images', path);
  refuseUnknown(annotations, 'category_id', categories, 'categories', path);
  return document;
}

/** Throws for the first entry whose value an earlier one has: nobody knows which of them is meant. */
function refuseTwice<Key extends string>(
  entries: readonly Readonly<Record<Key, unknown>>[],
  list: string,
  key: Key,
  path: string,
): void {
  const seen = new Map<unknown, number>();
  for (const [index, entry] of entries.entries()) {
    const earlier = seen.get(entry[key]);
    seen.set(entry[key], index);
    if (earlier === undefined) continue;
    const value = JSON.stringify(entry[key]);
    throw refuse(path, `${placeOf([list, index, key])}: ${value} is that of ${placeOf([list, earlier])} too`);
  }
}

/** Throws for the first annotation of a picture or category that is not in the file. */
function refuseUnknown(
  annotations: readonly CocoAnnotation[],
  key: 'image_id' | 'category_id',
  entries: readonly { readonly id: number }[],
  list: string,
  path: string,
): void {
  const known = new Set(entries.map(({ id }) => id));
  const index = annotations.findIndex((one) => !known.has(one[key]));
  if (index < 0) return;
  const what = `${annotations[index]![key]} is none of the ${entries.length} ${list}`;
  throw refuse(path, `${placeOf(['annotations', index, key])}: ${what}`);
}

/**
 * The mask of an annotation as row spans: run lengths, as a list or COCO's text, or polygons, filled as COCO's tools
 * do it.
 *
 * Throws ConfigError `ground_truth` with the place, for a mask of another form or size.
 *
 * @param index Of the annotation in its file.
 */
export function maskSpans(
  { segmentation }: CocoAnnotation,
  { width: widthPx, height: heightPx }: CocoImage,
  index: number,
  path: string,
): Uint16Array {
  const place = ['annotations', index, 'segmentation'];
  if (Array.isArray(segmentation)) {
    const parts = polygons.safeParse(segmentation);
    if (parts.success) {
      limitOutlines(parts.data, (why) => refuse(path, `${placeOf(place)}: ${why}`));
      return polygonsToSpans(parts.data, widthPx, heightPx);
    }
    throw refuse(
      path,
      describeFaults(parts.error.issues.map((one) => ({ ...one, path: [...place, ...one.path] }))),
    );
  }
  if (typeof segmentation !== 'object' || segmentation === null) {
    const found = segmentation === undefined ? 'nothing' : JSON.stringify(segmentation);
    throw refuse(path, `${placeOf(place)}: expected polygons or run lengths, found ${found}`);
  }
  const runs = runLengths.safeParse(segmentation);
  if (!runs.success) {
    throw refuse(
      path,
      describeFaults(runs.error.issues.map((one) => ({ ...one, path: [...place, ...one.path] }))),
    );
  }
  const [maskHeightPx, maskWidthPx] = runs.data.size;
  if (maskWidthPx !== widthPx || maskHeightPx !== heightPx) {
    const size = `${maskWidthPx}x${maskHeightPx}`;
    throw refuse(path, `${placeOf([...place, 'size'])}: ${size}, but its picture is ${widthPx}x${heightPx}`);
  }
  try {
    return rleToSpans(runs.data);
  } catch (error) {
    if (error instanceof ConfigError)
      throw refuse(path, `${placeOf([...place, 'counts'])}: ${error.message}`);
    throw error;
  }
}
