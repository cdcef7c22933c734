import type { FrameHeader } from '../core/frame.js';
import { labelOf } from '../core/labelMap.js';

/**
 * What the ids of a frame's instances begin with.
 *
 * Consumers take equal ids in two messages for one object, and nothing here follows objects from frame to frame: the
 * stamp keeps the ids of two frames apart.
 */
export function instanceIdPrefix({ stampNs }: Pick<FrameHeader, 'stampNs'>): string {
  return `${stampNs}_`;
}

/** The number of instance `index` in its frame, which is its value in an instance label map, too. */
export function instanceNumber(index: number): number {
  return labelOf(index);
}

/** The id of instance `index`, the same in every message of its frame; it ends with its number. */
export function instanceId(prefix: string, index: number): string {
  return `${prefix}${instanceNumber(index)}`;
}
