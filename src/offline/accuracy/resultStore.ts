import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type FrameResult, stageNames, type StageTimesMs } from '../../core/result.js';
import { boxOf } from '../../core/spans.js';
import { spansToRle } from '../../evaluate/cocoRle.js';
import { cannotWrite, takeName, unfinishedPath, writeFileAtomically } from '../../files/atomicFile.js';
import { makeOutputFolder } from '../../files/folders.js';
import type { CocoResult } from '../cocoResults.js';
import type { EvalPicture } from './evalPictures.js';

const storedResult = z.object({
  sha256: z.string(),
  times_ms: z.record(z.enum(stageNames), z.number()),
  candidates_cut: z.number(),
  detections: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      score: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      segmentation: z.object({ size: z.tuple([z.number(), z.number()]), counts: z.string() }),
    }),
  ),
});

/** What was found in a picture, as it is kept. */
export interface StoredResult {
  /** Of the picture's file. */
  readonly sha256: string;
  readonly times_ms: StageTimesMs;
  /** Left out because only the best candidates are decoded. */
  readonly candidates_cut: number;
  /** Best score first. */
  readonly detections: readonly CocoResult[];
}

/**
 * Results of one model, kept picture by picture, so that an evaluation that was interrupted goes on. The folder's name holds a
 * key of everything that decides them but the pictures, whose hashes stand in their results.
 */
export class ResultStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Throws ConfigError `output` where the folder cannot be made or takes no files. */
  make(): void {
    makeOutputFolder(join(this.folder, 'pictures'));
  }

  /** What is kept of a picture, whatever its file holds by now; null where there is nothing that can be read. */
  async read({ image }: EvalPicture): Promise<StoredResult | null> {
    try {
      const document: unknown = JSON.parse(await readFile(this.#pathOf(image.id), 'utf8'));
      return storedResult.safeParse(document).data ?? null;
    } catch {
      // Not there, or spoilt: the picture is done again.
      return null;
    }
  }

  async write({ image }: EvalPicture, result: StoredResult): Promise<void> {
    await writeFileAtomically(this.#pathOf(image.id), `${JSON.stringify(result)}\n`);
  }

  /** Writes the detections of all these pictures as one COCO result file; returns its path. */
  async writeCocoFile(results: AsyncIterable<StoredResult>): Promise<string> {
    const path = join(this.folder, 'coco.json');
    const unfinished = unfinishedPath(path);
    const file = await open(unfinished, 'w').catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    const append = (text: string) =>
      file.appendFile(text).catch((error: unknown) => {
        throw cannotWrite(path, error);
      });
    try {
      let separator = '[\n';
      for await (const { detections } of results) {
        if (detections.length === 0) continue;
        await append(separator + detections.map((one) => JSON.stringify(one)).join(',\n'));
        separator = ',\n';
      }
      await append(separator === '[\n' ? '[]\n' : '\n]\n');
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    await takeName(path);
    return path;
  }

  #pathOf(imageId: number): string {
    return join(this.folder, 'pictures', `${imageId}.json`);
  }
}

/**
 * A result in the words of the annotation file. Masks have the picture's size there, of which the frame may lack an odd last row
 * or column.
 *
 * @param categoryIds By class id.
 */
export function storedResultOf(
  { image }: EvalPicture,
  sha256: string,
  { instances, stageTimesMs, candidatesCut }: FrameResult,
  categoryIds: readonly number[],
): StoredResult {
  const { scores, classIds, spans, spanStarts } = instances;
  const detections = Array.from({ length: instances.count }, (_, i): CocoResult => {
    const { x1, y1, x2, y2 } = boxOf(instances, i);
    const mask = spans.subarray(spanStarts[i]! * 3, spanStarts[i + 1]! * 3);
    return {
      image_id: image.id,
      category_id: categoryIds[classIds[i]!]!,
      score: scores[i]!,
      bbox: [x1, y1, x2 - x1, y2 - y1],
      segmentation: spansToRle(mask, image.width, image.height),
    };
  });
  return { sha256, times_ms: stageTimesMs, candidates_cut: candidatesCut, detections };
}
