import { firstTargetPixel, type SizePx } from './geometry.js';
import type { Instances } from './result.js';
import { type FrameTracks, trackIdOf } from './tracks.js';

/** What the values of a label map stand for: classes, the instances of one frame, or tracks. */
export type LabelKind = 'class' | 'instance' | 'track';

/** The value of pixels that belong to no mask. */
export const backgroundLabel = 0;

/** How many labels, the background not counted, fit into one byte; vision_msgs reserves 255 for "unlabelled". */
export const maxByteLabels = 254;

/** The value of a class id or of the index of an instance: one more, as 0 is the background. */
export function labelOf(number: number): number {
  return number + 1;
}

/** Largest value of a confidence map: a probability of 1. */
const mostConfidence = 255;

/** Pixels of a map, packed rows. */
type MapPixels = Uint8Array | Uint16Array | Int32Array | Float32Array;

/**
 * Writes the labels of all masks into `out`, as `paintMasks` does.
 *
 * @param source Size of the frame the instances belong to.
 */
export function paintLabels(
  instances: Instances,
  kind: Exclude<LabelKind, 'track'>,
  source: SizePx,
  map: SizePx,
  out: MapPixels,
): void {
  const { classIds } = instances;
  const labelAt = (index: number) => labelOf(kind === 'class' ? classIds[index]! : index);
  paintMasks(instances, labelAt, source, map, out);
}

/**
 * Writes the ids of the tracks of all masks into `out`, as `paintMasks` does. An instance without a track has the negative of
 * the value that it has as an instance, so that it is neither background nor any track.
 *
 * @param source Size of the frame the instances belong to.
 */
export function paintTracks(
  instances: Instances,
  tracks: FrameTracks | null,
  source: SizePx,
  map: SizePx,
  out: Int32Array,
): void {
  paintMasks(instances, (index) => trackIdOf(tracks, index) || -labelOf(index), source, map, out);
}

/**
 * Writes the scores of all masks into `out`, as `paintMasks` does: 255 for a probability of 1, at least 1 in a mask and 0
 * in none. Each pixel has the score of the instance whose label `paintLabels` gives it.
 */
export function paintConfidences(instances: Instances, source: SizePx, map: SizePx, out: Uint8Array): void {
  const { scores } = instances;
  const confidenceAt = (index: number) => Math.max(1, Math.round(scores[index]! * mostConfidence));
  paintMasks(instances, confidenceAt, source, map, out);
}

/**
 * Writes one value for each mask into `out`, [map.heightPx, map.widthPx], and 0 where there is none.
 *
 * A pixel of the map has the value of the source pixel under its centre: nearest sampling, so that no value is
 * invented. Where masks overlap the best score wins. Throws RangeError if `out` is shorter than the map; values
 * after the map are not touched.
 */
function paintMasks(
  { count, spans, spanStarts }: Instances,
  valueAt: (index: number) => number,
  source: SizePx,
  { widthPx, heightPx }: SizePx,
  out: MapPixels,
): void {
  if (out.length < widthPx * heightPx) {
    throw new RangeError(`label map of ${widthPx}x${heightPx} pixels does not fit into ${out.length} values`);
  }
  out.fill(backgroundLabel, 0, widthPx * heightPx);
  // Instances come best first: the worst is painted first and painted over.
  for (let index = count - 1; index >= 0; index--) {
    const value = valueAt(index);
    const end = spanStarts[index + 1]! * 3;
    for (let at = spanStarts[index]! * 3; at < end; at += 3) {
      const x1 = firstTargetPixel(spans[at + 1]!, source.widthPx, widthPx);
      const x2 = firstTargetPixel(spans[at + 2]!, source.widthPx, widthPx);
      if (x1 === x2) continue;
      const rowEnd = firstTargetPixel(spans[at]! + 1, source.heightPx, heightPx);
      for (let row = firstTargetPixel(spans[at]!, source.heightPx, heightPx); row < rowEnd; row++) {
        out.fill(value, row * widthPx + x1, row * widthPx + x2);
      }
    }
  }
}
