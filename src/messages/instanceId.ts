import type { FrameHeader } from '../core/frame.js';
import { labelOf } from '../core/labelMap.js';
import { type FrameTracks, trackIdOf } from '../core/tracks.js';

/** The number of instance `index` in its frame, which is its value in an instance label map, too. */
export function instanceNumber(index: number): number {
  return labelOf(index);
}

/**
 * The id of instance `index`, the same in every message of its frame.
 *
 * Consumers take equal ids in two messages for one object. So with a track it is the track's id in digits, `17`; without one
 * nothing follows the object, and the stamp keeps the ids of two frames apart: `STAMP_NUMBER`.
 */
export function instanceId(
  { stampNs }: Pick<FrameHeader, 'stampNs'>,
  tracks: FrameTracks | null,
  index: number,
): string {
  const trackId = trackIdOf(tracks, index);
  return trackId > 0 ? String(trackId) : `${stampNs}_${instanceNumber(index)}`;
}

/** The id of the track that the text of an `instanceId` names; null without one. */
export function trackIdOfText(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
