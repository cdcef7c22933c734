import type { FrameResult } from '../core/result.js';
import { withoutBelow } from '../core/selectInstances.js';
import type { EndedTracks, TrackIds, TrackingOptions } from '../core/tracks.js';
import { FrameTracking } from './frameTracking.js';
import type { UntoldTracks } from './untoldTracks.js';

/** Follows what one camera sees while that is switched on, and costs nothing while it is not. */
export class SwitchedTracking {
  readonly #ids: TrackIds;
  readonly #nameOf: (classId: number) => string;
  readonly #untold: UntoldTracks;
  /** There since objects were followed for the first time. */
  #tracking: FrameTracking | null = null;
  #isOn = false;

  /**
   * @param ids Of the node: no camera and no model gives an id that another one has given.
   * @param nameOf Name of a class of the model.
   * @param untold Of the camera: the first result tells what has ended with the model before.
   */
  constructor(ids: TrackIds, nameOf: (classId: number) => string, untold: UntoldTracks) {
    this.#ids = ids;
    this.#nameOf = nameOf;
    this.#untold = untold;
  }

  /** Takes effect with the next result. @param options Null where nothing is followed: all tracks end then. */
  use(options: TrackingOptions | null): void {
    this.#isOn = options !== null;
    if (options === null) this.#tracking?.reset();
    else if (this.#tracking === null)
      this.#tracking = new FrameTracking(this.#ids, this.#nameOf, options, this.#untold);
    else this.#tracking.use(options);
  }

  /** What comes after is another scene: no track goes on. */
  reset(): void {
    this.#tracking?.reset();
  }

  /** A result was given to nobody: the next one tells what has ended with it. */
  tellAgain(tracks: EndedTracks | null): void {
    if (tracks !== null) this.#untold.add(tracks.ended);
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
    if (this.#untold.isEmpty) return plain;
    const ids = new Uint32Array(plain.instances.count);
    return { ...plain, tracks: { ids, ended: this.#untold.take(), trails: null } };
  }
}
