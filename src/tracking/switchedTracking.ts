import type { FrameResult } from '../core/result.js';
import { withoutBelow } from '../core/selectInstances.js';
import type { EndedTracks, TrackIds, TrackingOptions } from '../core/tracks.js';
import { FrameTracking } from './frameTracking.js';

/** Follows what one camera sees while that is switched on, and costs nothing while it is not. */
export class SwitchedTracking {
  readonly #ids: TrackIds;
  /** There since objects were followed for the first time. */
  #tracking: FrameTracking | null = null;
  #isOn = false;

  /** @param ids Of the node: no camera and no model gives an id that another one has given. */
  constructor(ids: TrackIds) {
    this.#ids = ids;
  }

  /** Takes effect with the next result. @param options Null where nothing is followed: all tracks end then. */
  use(options: TrackingOptions | null): void {
    this.#isOn = options !== null;
    if (options === null) this.#tracking?.reset();
    else if (this.#tracking === null) this.#tracking = new FrameTracking(this.#ids, options);
    else this.#tracking.use(options);
  }

  /** What comes after is another scene: no track goes on. */
  reset(): void {
    this.#tracking?.reset();
  }

  /** A result was given to nobody: the next one tells what has ended with it. */
  tellAgain(tracks: EndedTracks | null): void {
    if (tracks !== null) this.#tracking?.tellAgain(tracks);
  }

  /**
   * The result with its tracks. Where nothing is followed it has none but those that are still to be told to have ended, and nothing
   * below the threshold: frames that were in work when following ended were post-processed for it.
   *
   * @param isDrawn Whether somebody draws where tracks have been.
   */
  follow(result: FrameResult, scoreThreshold: number, isDrawn: boolean): FrameResult {
    if (this.#tracking !== null && this.#isOn) return this.#tracking.follow(result, isDrawn);
    const plain = withoutBelow(result, scoreThreshold);
    const ended = this.#tracking?.takeEnded() ?? null;
    if (ended === null || ended.endedIds.length === 0) return plain;
    return { ...plain, tracks: { ids: new Uint32Array(plain.instances.count), ...ended, trails: null } };
  }
}
