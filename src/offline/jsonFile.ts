import type { ModelInfo } from '../core/ports.js';
import type { SegmentedPicture } from './segmented.js';

/** Hundredths of a pixel and millionths of a score say all that is known. */
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** The text of a JSON file with everything that was found in one picture; docs/segment.md names the fields. */
export function jsonFile(
  { input, widthPx, heightPx, instances }: SegmentedPicture,
  model: ModelInfo,
): string {
  const document = {
    input: input.path,
    ...(input.nv12 === null ? {} : { frame: input.nv12.frame }),
    width: widthPx,
    height: heightPx,
    model: model.path,
    backend: model.backend,
    instances: instances.map(({ classId, className, score, box, rle, rings }) => ({
      class_id: classId,
      class_name: className,
      score: rounded(score, 6),
      box: [box.x1, box.y1, box.x2, box.y2].map((value) => rounded(value, 2)),
      segmentation: rle,
      contours: rings.map(({ points, isHole }) => ({
        hole: isHole,
        points: points.map((value) => rounded(value, 2)),
      })),
    })),
  };
  return `${JSON.stringify(document)}\n`;
}
