import { rounded } from './rounded.js';
import type { SegmentedPicture } from './segmented.js';

/**
 * The lines of a frame in the text form of MOTChallenge, as TrackEval and motmetrics read it: frame, id, left, top, width,
 * height, score, class, visibility. Instances without a track are left out; the visibility is not known, -1.
 *
 * @param frame From 1 on, as the form counts, as are the classes: class id + 1.
 */
export function motLines({ instances }: SegmentedPicture, frame: number): string {
  return instances
    .filter(({ trackId }) => trackId !== null)
    .map(({ trackId, box: { x1, y1, x2, y2 }, score, classId }) => {
      const box = [x1, y1, x2 - x1, y2 - y1].map((px) => rounded(px, 2));
      return `${[frame, trackId, ...box, rounded(score, 6), classId + 1, -1].join(',')}\n`;
    })
    .join('');
}
