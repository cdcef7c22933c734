import type { CocoFile } from '../../evaluate/cocoFile.js';
import { confusionScore } from '../../evaluate/confusion.js';
import { matchIou } from '../../evaluate/evaluate.js';
import type { Protocol } from '../../evaluate/protocols.js';
import type { CocoVersions, KindFigures } from './cocoAp.js';
import type { EvalPicture } from './evalPictures.js';
import type { ModelFigures } from './modelFigures.js';

/** What an evaluation came to. */
export interface Evaluated {
  readonly title: string;
  readonly protocolName: string;
  readonly protocol: Protocol;
  readonly versions: CocoVersions;
  readonly imagesFolder: string;
  readonly truthPath: string;
  readonly file: CocoFile;
  readonly pictures: readonly EvalPicture[];
  readonly skipped: readonly { readonly fileName: string; readonly why: string }[];
  /** The first is what the others are compared with. */
  readonly models: readonly ModelFigures[];
}

/** Names of pycocotools' twelve figures, in its order. */
const statNames = [
  'ap',
  'ap50',
  'ap75',
  'ap_small',
  'ap_medium',
  'ap_large',
  'ar_1',
  'ar_10',
  'ar_100',
  'ar_small',
  'ar_medium',
  'ar_large',
] as const;

/** Of each category, by its id, how many objects that are no crowds the evaluated pictures have. */
export function objectCounts({ file, pictures }: Evaluated): ReadonlyMap<number, number> {
  const counts = new Map(file.categories.map(({ id }) => [id, 0]));
  const evaluated = new Set(pictures.map(({ image }) => image.id));
  for (const { image_id, category_id, iscrowd } of file.annotations) {
    if (!iscrowd && evaluated.has(image_id)) counts.set(category_id, counts.get(category_id)! + 1);
  }
  return counts;
}

/** AP of one category; pycocotools has them in an order of its own. */
export function ofCategory({ classes }: KindFigures, id: number): { ap: number | null; ap50: number | null } {
  const { ap, ap50 } = classes.find(({ category_id }) => category_id === id)!;
  return { ap, ap50 };
}

function modelDocument(one: ModelFigures, { file }: Evaluated, objects: ReadonlyMap<number, number>) {
  const { model, ap, confusion, mistakes, speed } = one;
  const names = [...file.categories.map(({ name }) => name), null];
  const kind = (figures: KindFigures) => ({
    ...Object.fromEntries(statNames.map((name, index) => [name, figures.stats[index]])),
    lines: figures.lines,
  });
  return {
    path: model.path,
    name: model.name,
    backend: model.backend,
    head_form: model.headForm,
    input: [model.inputWidthPx, model.inputHeightPx],
    results: one.resultsFolder,
    detections: one.detections,
    pictures_with_candidates_cut: one.cutPictures,
    pictures_per_s: speed.picturesPerS,
    stage_times_ms: speed.stageTimesMs,
    box: kind(ap.bbox),
    mask: kind(ap.segm),
    classes: file.categories.map(({ id, name }) => ({
      name,
      category_id: id,
      objects: objects.get(id),
      box: ofCategory(ap.bbox, id),
      mask: ofCategory(ap.segm, id),
    })),
    // Null stands for the background.
    confusion: confusion.counts.flatMap((row, object) =>
      row.flatMap((count, found) =>
        count === 0 ? [] : [{ object: names[object], found: names[found], count }],
      ),
    ),
    mistakes: [...mistakes].map(([imageId, count]) => ({ image_id: imageId, count })),
  };
}

/** The file `figures.json`: all that the page shows, and more. */
export function figuresFile(evaluated: Evaluated): string {
  const { protocol, versions, pictures, skipped } = evaluated;
  const objects = objectCounts(evaluated);
  const document = {
    images: evaluated.imagesFolder,
    annotations: evaluated.truthPath,
    pictures: pictures.length,
    skipped: skipped.map(({ fileName, why }) => ({ file_name: fileName, why })),
    objects: [...objects.values()].reduce((sum, count) => sum + count, 0),
    protocol: {
      name: evaluated.protocolName,
      every_class_of_a_cell: protocol.everyClass,
      score_above: protocol.scoreThreshold,
      iou: protocol.iouThreshold,
      most_detections: protocol.maxDetections,
    },
    confusion_rule: { score_above: confusionScore, mask_iou_from: matchIou },
    versions,
    models: evaluated.models.map((one) => modelDocument(one, evaluated, objects)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
