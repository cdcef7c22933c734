import { relative } from 'node:path';
import type { SegmentedPicture } from './segmented.js';

/** The version of LabelMe whose files these are like; it reads those of all versions from 4.0 on. */
const labelMeVersion = '5.5.0';

/**
 * The text of a LabelMe file beside which `folder` lies: a polygon for each part of each instance, parts of one instance
 * with its number as `group_id`. Holes have no form there and are filled.
 */
export function labelMeFile({ input, header, instances }: SegmentedPicture, folder: string): string {
  const shapes = instances.flatMap(({ className, score, rings }, index) =>
    rings
      .filter(({ isHole }) => !isHole)
      .map(({ points }) => ({
        label: className,
        points: pairsOf(points),
        group_id: index,
        description: `score ${score.toFixed(3)}`,
        shape_type: 'polygon',
        flags: {},
      })),
  );
  const document = {
    version: labelMeVersion,
    flags: {},
    shapes,
    imagePath: relative(folder, input.path),
    imageData: null,
    imageHeight: header.heightPx,
    imageWidth: header.widthPx,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function pairsOf(points: readonly number[]): [number, number][] {
  return Array.from({ length: points.length / 2 }, (_, i) => [points[i * 2]!, points[i * 2 + 1]!]);
}
