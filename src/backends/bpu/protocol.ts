import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PostprocessOptions } from '../../core/result.js';
import type { SlotLease } from '../../native/bpu.js';

/** A frame whose outputs lie in a slot, for a post-processing worker. */
export interface SlotRun {
  readonly lease: SlotLease;
  readonly geometry: LetterboxGeometry;
  readonly options: PostprocessOptions;
}
