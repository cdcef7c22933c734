import { counted } from '../../core/words.js';
import { layTable } from '../../core/table.js';
import type { DetectSummary } from './detect.js';
import type { Evaluated } from './figuresFile.js';
import type { ModelFigures } from './modelFigures.js';

/** The protocol in one sentence. */
export function describeProtocol({
  protocolName,
  protocol,
}: Pick<Evaluated, 'protocolName' | 'protocol'>): string {
  const { everyClass, scoreThreshold, iouThreshold, maxDetections } = protocol;
  const classes = everyClass ? 'every class of a cell' : 'the best class of a cell';
  return `Protocol ${protocolName}: ${classes}, score above ${scoreThreshold}, IoU ${iouThreshold}, at most ${maxDetections} detections a picture.`;
}

/** What a run did, and what it found done. */
export function describeDone(modelPath: string, { kept, changed, done, runMs }: DetectSummary): string {
  const rate = done === 0 ? '' : `, ${((done * 1000) / runMs).toFixed(1)} pictures/s`;
  const earlier = kept === 0 ? '' : `, ${kept} were done already`;
  const again = changed === 0 ? '' : `, ${changed} of them again because their files are others now`;
  return `${modelPath}: ${counted(done, 'picture')} done${again}${earlier}${rate}`;
}

/** The twelve figures of boxes and those of masks, in pycocotools' own words. */
export function describeModel({ model, ap, cutPictures }: ModelFigures): string {
  const cut =
    cutPictures === 0
      ? []
      : [
          `${counted(cutPictures, 'picture')} with more candidates than are decoded: the lowest were left out`,
        ];
  const lines = (title: string, said: readonly string[]) => [title, ...said.map((line) => ` ${line}`)];
  return [`${model.name}:`, ...cut, ...lines('boxes', ap.bbox.lines), ...lines('masks', ap.segm.lines)].join(
    '\n',
  );
}

const shown = (value: number | null | undefined) => (typeof value === 'number' ? value.toFixed(3) : '-');

/** One line for each model. */
export function describeComparison({ models, ...evaluated }: Evaluated): string {
  const rows = models.map(({ model, ap: { bbox, segm }, speed }) => [
    model.name,
    ...[bbox.stats[0], bbox.stats[1], segm.stats[0], segm.stats[1]].map(shown),
    speed.picturesPerS === null ? '-' : speed.picturesPerS.toFixed(1),
  ]);
  const heading = ['model', 'box AP', 'AP50', 'mask AP', 'AP50', 'pictures/s'];
  return [describeProtocol(evaluated), ...layTable([heading, ...rows])].join('\n');
}
