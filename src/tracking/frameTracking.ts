import type { FrameResult, Instances } from '../core/result.js';
import { isBelow, selectInstances } from '../core/selectInstances.js';
import type { FrameTracks, TrackIds, TrackingOptions, Trails } from '../core/tracks.js';
import type { Track } from './track.js';
import { Tracker } from './tracker.js';
import { UntoldTracks } from './untoldTracks.js';

/** Seconds of a difference of stamps. */
const secondsOf = (durationNs: bigint) => Number(durationNs) / 1e9;

/**
 * Follows what is found in the frames of one camera, in the order of its results.
 *
 * Its time is that of the stamps. All tracks end where a stamp goes back, and those that were not seen for
 * `maxLostS` where stamps leave such a gap.
 */
export class FrameTracking {
  readonly #tracker: Tracker;
  #options: TrackingOptions;
  #stampNs: bigint | null = null;
  readonly #nameOf: (classId: number) => string;
  readonly #untold: UntoldTracks;

  /**
   * @param ids Shared by all that must never give out the same id.
   * @param nameOf Name of a class.
   * @param untold Of the camera, where some may be left of another model.
   */
  constructor(
    ids: TrackIds,
    nameOf: (classId: number) => string,
    options: TrackingOptions,
    untold = new UntoldTracks(),
  ) {
    this.#tracker = new Tracker(ids);
    this.#nameOf = nameOf;
    this.#options = options;
    this.#untold = untold;
  }

  /** Takes effect with the next result. */
  use(options: TrackingOptions): void {
    this.#options = options;
  }

  /** Ends all tracks: no frame that follows belongs to those before. The next result tells which they were. */
  reset(): void {
    this.#end(this.#tracker.end());
    this.#stampNs = null;
  }

  /**
   * The result with the tracks of its instances. Those below the threshold that no track was seen as are left out.
   *
   * @param trails Whether somebody draws where tracks have been.
   */
  follow(result: FrameResult, trails: boolean): FrameResult {
    const { header, instances: all } = result;
    const options = this.#options;
    if (this.#stampNs !== null && header.stampNs < this.#stampNs) this.reset();
    const dtS = this.#stampNs === null ? 0 : secondsOf(header.stampNs - this.#stampNs);
    this.#stampNs = header.stampNs;
    const { tracks: found, ended } = this.#tracker.update(all, dtS, options);
    this.#end(ended);
    const kept: number[] = [];
    for (let index = 0; index < all.count; index++) {
      if (found[index] !== null || !isBelow(all.scores[index]!, options.scoreThreshold)) kept.push(index);
    }
    const instances = selectInstances(all, kept);
    const tracks = kept.map((index) => found[index]!);
    return { ...result, instances, tracks: this.#tracksOf(instances, tracks, trails) };
  }

  #end(tracks: readonly Track[]): void {
    this.#untold.add(tracks.map(({ id, classId }) => ({ id, className: this.#nameOf(classId) })));
  }

  #tracksOf(instances: Instances, tracks: readonly (Track | null)[], trails: boolean): FrameTracks {
    return {
      ids: Uint32Array.from(tracks, (track) => track?.id ?? 0),
      ended: this.#untold.take(),
      trails: trails ? trailsOf(instances, tracks, this.#tracker.nowS) : null,
    };
  }
}

/** Adds where the boxes are now, and gives all points that are kept. */
function trailsOf({ boxesImage }: Instances, tracks: readonly (Track | null)[], nowS: number): Trails {
  const starts = new Uint32Array(tracks.length + 1);
  tracks.forEach((track, i) => {
    const [x1, y1, x2, y2] = boxesImage.subarray(i * 4, i * 4 + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    track?.trail.add((x1 + x2) / 2, (y1 + y2) / 2, nowS);
    starts[i + 1] = starts[i]! + (track?.trail.length ?? 0);
  });
  const points = new Float32Array(starts[tracks.length]! * 2);
  tracks.forEach((track, i) => {
    track?.trail.write(points, starts[i]! * 2);
  });
  return { points, starts };
}
