import type { SegmentedPicture } from './segmented.js';

/** Hundredths of a pixel and millionths of a score say all that is known. */
const figure = (value: number, digits: number) => String(Number(value.toFixed(digits)));

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
      const box = [x1, y1, x2 - x1, y2 - y1].map((px) => figure(px, 2));
      return `${[frame, trackId, ...box, figure(score, 6), classId + 1, -1].join(',')}\n`;
    })
    .join('');
}
