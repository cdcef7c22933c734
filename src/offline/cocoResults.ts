import { basename } from 'node:path';
import { ConfigError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { counted } from '../core/words.js';
import type { CocoFile, CocoImage } from '../evaluate/cocoFile.js';
import type { OfflineInput } from './offlineInput.js';
import type { SegmentedPicture } from './segmented.js';

/** One detection as pycocotools' loadRes takes it; box and mask serve `bbox` and `segm` alike. */
export interface CocoResult {
  readonly image_id: number;
  readonly category_id: number;
  readonly score: number;
  /** x, y, width, height */
  readonly bbox: readonly [number, number, number, number];
  readonly segmentation: { readonly size: readonly [number, number]; readonly counts: string };
}

/** Names detections as an annotation file does: pictures by file name, classes by category name. */
export class CocoResults {
  readonly #images: ReadonlyMap<string, CocoImage>;
  readonly #categoryIds: readonly number[];

  /**
   * Throws ConfigError `ground_truth` for a class that no category, or more than one, has the name of, and for an input
   * that the file does not list.
   */
  constructor(
    { file, path }: { readonly file: CocoFile; readonly path: string },
    classNames: readonly string[],
    inputs: readonly { readonly path: string }[],
  ) {
    this.#images = new Map(file.images.map((image) => [basename(image.file_name), image]));
    const listed = new Map<string, string>();
    for (const { file_name } of file.images) {
      const name = basename(file_name);
      const other = listed.get(name);
      if (other !== undefined && inputs.some((input) => basename(input.path) === name)) {
        const what = `${path} lists ${other} and ${file_name}: which of them ${name} is cannot be told`;
        throw new ConfigError('ground_truth', what, { path, name });
      }
      listed.set(name, file_name);
    }
    this.#categoryIds = classNames.map((name) => {
      const ids = file.categories.filter((category) => category.name === name).map(({ id }) => id);
      if (ids.length === 1) return ids[0]!;
      const what = `${path} has ${counted(ids.length, 'category', 'categories')} named "${name}", a class of the model; expected one (--class-names names the classes)`;
      throw new ConfigError('ground_truth', what, { path, name });
    });
    const unlisted = inputs.filter((input) => !this.#images.has(basename(input.path)));
    if (unlisted.length > 0) {
      const what = `${path} does not list ${unlisted.length} of ${counted(inputs.length, 'picture')}, the first ${unlisted[0]!.path}`;
      throw new ConfigError('ground_truth', what, { path, unlisted: unlisted.length });
    }
  }

  /** Throws ConfigError `ground_truth` for one of these inputs that has another size, upright, than the file lists: its boxes would be read in that. */
  checkSize({ path }: Pick<OfflineInput, 'path'>, { widthPx, heightPx }: SizePx): void {
    const { width, height } = this.#images.get(basename(path))!;
    if (widthPx === width && heightPx === height) return;
    const what = `${path} is ${widthPx}x${heightPx}, its annotations are for ${width}x${height}`;
    throw new ConfigError('ground_truth', what, { path, widthPx, heightPx });
  }

  /** The detections of one of these inputs. */
  of({ input, instances }: SegmentedPicture): CocoResult[] {
    const imageId = this.#images.get(basename(input.path))!.id;
    return instances.map(({ classId, score, box, rle }) => ({
      image_id: imageId,
      category_id: this.#categoryIds[classId]!,
      score,
      bbox: [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1],
      segmentation: { size: rle.size, counts: rle.counts },
    }));
  }
}
