import type { FrameResult } from '../core/result.js';
import { withoutBelow } from '../core/selectInstances.js';
import type { TrackIds, TrackingOptions } from '../core/tracks.js';
import { FrameTracking } from './frameTracking.js';

/** Follows what one camera sees while that is switched on, and costs nothing while it is not. */
export class SwitchedTracking {
  readonly #ids: TrackIds;
  /** There while objects are followed. */
  #tracking: FrameTracking | null = null;

  /** @param ids Of the node: no camera and no model gives an id that another one has given. */
  constructor(ids: TrackIds) {
    this.#ids = ids;
  }

  /** Takes effect with the next result. @param options Null where nothing is followed. */
  use(options: TrackingOptions | null): void {
    if (options === null) this.#tracking = null;
    else if (this.#tracking === null) this.#tracking = new FrameTracking(this.#ids, options);
    else this.#tracking.use(options);
  }

  /** What comes after is another scene: no track goes on. */
  reset(): void {
    this.#tracking?.reset();
  }

  /**
   * The result with its tracks; without them where nothing is followed, and then without what is below the threshold: frames that
   * were in work when following ended were post-processed for it.
   *
   * @param isDrawn Whether somebody draws where tracks have been.
   */
  follow(result: FrameResult, scoreThreshold: number, isDrawn: boolean): FrameResult {
    return this.#tracking?.follow(result, isDrawn) ?? withoutBelow(result, scoreThreshold);
  }
}
