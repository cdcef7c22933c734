import { rleAreaPx } from '../evaluate/cocoRle.js';
import { LineFiles } from './lineFiles.js';
import type { InputSource } from './offlineInput.js';
import { rounded } from './rounded.js';
import type { SegmentedPicture } from './segmented.js';

/** What stands behind the annotations of a file: little for each frame, so that annotations need not be kept. */
interface VideoParts {
  readonly images: object[];
  /** Class id of each track. */
  readonly tracks: Map<number, number>;
  readonly sizePx: { readonly width: number; readonly height: number };
  annotations: number;
}

/**
 * Writes tracks as COCO files for videos, as TAO and BURST have them: `videos` (one, number 1), `images` with `video_id` and
 * `frame_index` (from 0), `tracks`, and `annotations` with `track_id`, box and mask. A file for each recording or video, whole or not
 * there; class id + 1 is the category, as COCO counts from 1.
 */
export class CocoVideo {
  readonly #files: LineFiles;
  readonly #classNames: readonly string[];
  readonly #parts = new Map<InputSource, VideoParts>();

  /** @param classNames Index = class id. */
  constructor(folder: string, classNames: readonly string[]) {
    this.#files = new LineFiles(folder, 'json', (source) => this.#end(source!));
    this.#classNames = classNames;
  }

  /** In the order of the frames; instances without a track are left out. Throws ConfigError `output`. @param frame From 1 on. */
  async add(
    source: InputSource,
    { input, header, instances }: SegmentedPicture,
    frame: number,
  ): Promise<void> {
    const sizePx = { width: header.widthPx, height: header.heightPx };
    let parts = this.#parts.get(source);
    const begin = parts === undefined ? '{"annotations":[' : '';
    if (parts === undefined) {
      parts = { images: [], tracks: new Map(), sizePx, annotations: 0 };
      this.#parts.set(source, parts);
    }
    parts.images.push({ id: frame, video_id: 1, frame_index: frame - 1, file_name: input.name, ...sizePx });
    let lines = begin;
    for (const { trackId, classId, score, box, rle } of instances) {
      if (trackId === null || trackId === undefined) continue;
      parts.tracks.set(trackId, classId);
      const id = ++parts.annotations;
      const annotation = {
        ...{ id, image_id: frame, video_id: 1, track_id: trackId, category_id: classId + 1 },
        bbox: [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1].map((px) => rounded(px, 2)),
        ...{ segmentation: rle, area: rleAreaPx(rle), iscrowd: 0, score: rounded(score, 6) },
      };
      lines += `${id === 1 ? '' : ','}\n${JSON.stringify(annotation)}`;
    }
    await this.#files.add(source, lines);
  }

  /** Ends the files that are still open. */
  async finish(): Promise<void> {
    await this.#files.finish();
  }

  /** Leaves nothing of files that are not finished. */
  async close(): Promise<void> {
    await this.#files.close();
  }

  #end(source: InputSource): string {
    const { images, tracks, sizePx } = this.#parts.get(source)!;
    this.#parts.delete(source);
    const rest = {
      images,
      tracks: [...tracks].map(([id, classId]) => ({ id, category_id: classId + 1, video_id: 1 })),
      videos: [{ id: 1, name: source.name, ...sizePx }],
      categories: this.#classNames.map((name, classId) => ({ id: classId + 1, name })),
    };
    return `\n],${JSON.stringify(rest).slice(1)}\n`;
  }
}
