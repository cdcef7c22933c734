import { join } from 'node:path';
import type { CocoFile } from '../../evaluate/cocoFile.js';
import type { ModelInfo } from '../../core/ports.js';
import { type Instances, type StageName, stageNames, type StageTimesMs } from '../../core/result.js';
import { Confusion, confusionScore } from '../../evaluate/confusion.js';
import { rleToSpans } from '../../evaluate/cocoRle.js';
import type { TruthPicture } from '../../evaluate/groundTruth.js';
import { packMasks } from '../../evaluate/labelledMasks.js';
import { writeFileAtomically } from '../../files/atomicFile.js';
import { type CocoAp, computeAp } from './cocoAp.js';
import type { DetectSummary } from './detect.js';
import type { EvalPicture } from './evalPictures.js';
import type { ResultStore, StoredResult } from './resultStore.js';

/** Everything that is said of one model. */
export interface ModelFigures {
  readonly model: ModelInfo;
  readonly resultsFolder: string;
  readonly ap: CocoAp;
  readonly confusion: Confusion;
  /** By image id: objects missed, detections of nothing, and wrong classes. */
  readonly mistakes: ReadonlyMap<number, number>;
  readonly speed: {
    /** Of the pictures that this run did; null if it found all of them done. */
    readonly picturesPerS: number | null;
    /** Means of all pictures. */
    readonly stageTimesMs: StageTimesMs;
  };
  readonly detections: number;
  /** Pictures with more candidates than are decoded. */
  readonly cutPictures: number;
}

/** Results of a model that are complete. */
export interface FiguresRequest {
  readonly python: string;
  readonly truthPath: string;
  readonly file: CocoFile;
  readonly readTruth: (image: EvalPicture['image']) => Promise<TruthPicture>;
  readonly pictures: readonly EvalPicture[];
  readonly store: ResultStore;
  readonly model: ModelInfo;
  readonly summary: DetectSummary;
  readonly signal: AbortSignal;
}

/**
 * What a user would be shown of a result: of the classes of a cell, which share their box, the best. Classes are numbered as the
 * categories stand in the annotation file.
 */
export function shownInstances({ detections }: StoredResult, { categories }: CocoFile): Instances {
  const classIds = new Map(categories.map(({ id }, index) => [id, index]));
  const boxes = new Set<string>();
  const isFirstOfBox = ({ bbox }: StoredResult['detections'][number]) => {
    const box = bbox.join();
    return !boxes.has(box) && boxes.add(box).size > 0;
  };
  return packMasks(
    detections
      .filter((one) => one.score > confusionScore && isFirstOfBox(one))
      .map(({ category_id, score, bbox: [x1, y1, widthPx, heightPx], segmentation }) => ({
        classId: classIds.get(category_id)!,
        score,
        boxImage: { x1, y1, x2: x1 + widthPx, y2: y1 + heightPx },
        spans: rleToSpans(segmentation),
      })),
  );
}

/** Has pycocotools judge kept results and counts mistakes. Throws as `computeAp`, and for masks in the annotations that are none. */
export async function modelFigures(request: FiguresRequest): Promise<ModelFigures> {
  const { python, truthPath, file, readTruth, pictures, store, model, summary, signal } = request;
  const confusion = new Confusion(file.categories.length);
  const mistakes = new Map<number, number>();
  const stageTimesMs: Record<StageName, number> = {
    wait: 0,
    prepare: 0,
    queue: 0,
    infer: 0,
    decode: 0,
    masks: 0,
  };
  let [detections, cutPictures] = [0, 0];
  async function* judged(): AsyncGenerator<StoredResult> {
    for (const picture of pictures) {
      signal.throwIfAborted();
      const result = (await store.read(picture))!;
      const { id } = picture.image;
      mistakes.set(id, confusion.add(await readTruth(picture.image), shownInstances(result, file)));
      for (const stage of stageNames) stageTimesMs[stage] += result.times_ms[stage] / pictures.length;
      detections += result.detections.length;
      if (result.candidates_cut > 0) cutPictures++;
      yield result;
    }
  }
  const results = await store.writeCocoFile(judged());
  const picturesPath = join(store.folder, 'evaluated.json');
  await writeFileAtomically(picturesPath, `${JSON.stringify(pictures.map(({ image }) => image.id))}\n`);
  const ap = await computeAp(python, { truth: truthPath, results, pictures: picturesPath }, signal);
  return {
    model,
    resultsFolder: store.folder,
    ap,
    confusion,
    mistakes,
    speed: {
      picturesPerS: summary.done === 0 ? null : (summary.done * 1000) / summary.runMs,
      stageTimesMs,
    },
    detections,
    cutPictures,
  };
}
