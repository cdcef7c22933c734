import { z } from 'zod';
import { rleToSpans } from '../core/cocoRle.js';
import { ConfigError } from '../core/errors.js';
import type { Instances } from '../core/result.js';
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

export interface TruthPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly objects: Instances;
  /** Same index as `objects`. */
  readonly visibility: readonly ObjectVisibility[];
}

export interface GroundTruth {
  /** Index = class id of `TruthPicture.objects`. */
  readonly classNames: readonly string[];
  /** By file name. */
  readonly pictures: ReadonlyMap<string, TruthPicture>;
}

const pixels = z.number().nonnegative();
const cocoFile = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string(), width: pixels, height: pixels })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  annotations: z.array(
    z.object({
      id: z.number(),
      image_id: z.number(),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), pixels, pixels]),
      segmentation: z.object({
        size: z.tuple([pixels, pixels]),
        counts: z.union([z.string(), z.array(pixels)]),
      }),
      score: z.number().min(0).max(1).default(1),
      visible_fraction: z.number().min(0).max(1).default(1),
      cut: z.boolean().default(false),
    }),
  ),
});

/**
 * Reads a COCO file with run-length masks; `visible_fraction` and `cut` are keys of our own (assets/README.md).
 *
 * Throws ConfigError `ground_truth` for another form, `rle` for masks that do not fit their picture.
 */
export function parseGroundTruth(text: string): GroundTruth {
  let document: z.infer<typeof cocoFile>;
  try {
    document = cocoFile.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigError('ground_truth', 'not a COCO file with run-length masks', {}, error);
  }
  const { images, categories, annotations } = document;
  const pictures = new Map<string, TruthPicture>();
  for (const image of images) {
    const masks: LabelledMask[] = [];
    const visibility: ObjectVisibility[] = [];
    for (const annotation of annotations) {
      if (annotation.image_id !== image.id) continue;
      const [heightPx, widthPx] = annotation.segmentation.size;
      const classId = categories.findIndex((category) => category.id === annotation.category_id);
      if (widthPx !== image.width || heightPx !== image.height || classId < 0) {
        throw new ConfigError(
          'ground_truth',
          `annotation ${annotation.id} is ${widthPx}x${heightPx} of category ${annotation.category_id}; expected ${image.width}x${image.height} of a listed category`,
          { annotation: annotation.id },
        );
      }
      const [x1, y1, boxWidthPx, boxHeightPx] = annotation.bbox;
      masks.push({
        classId,
        score: annotation.score,
        boxImage: { x1, y1, x2: x1 + boxWidthPx, y2: y1 + boxHeightPx },
        spans: rleToSpans(annotation.segmentation),
      });
      visibility.push({
        longerSidePx: Math.max(boxWidthPx, boxHeightPx),
        visibleFraction: annotation.visible_fraction,
        cut: annotation.cut,
      });
    }
    pictures.set(image.file_name, {
      widthPx: image.width,
      heightPx: image.height,
      objects: packMasks(masks),
      visibility,
    });
  }
  return { classNames: categories.map((category) => category.name), pictures };
}
