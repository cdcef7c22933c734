import type { Instances } from '../core/result.js';
import type { TrackIds, TrackingOptions } from '../core/tracks.js';
import { matchTracks } from './matchTracks.js';
import { Similarity } from './similarity.js';
import { Track } from './track.js';

/** The least similarity of a track that was seen once and what it is seen as next, as ByteTrack has it. */
const newMatchSimilarity = 0.3;

/** More lost tracks than this are not kept, however long they may be lost: stamps that stand still end none of them. */
const mostLost = 300;

interface Association {
  /** The index of the instance that a track is seen as. */
  readonly seen: readonly (readonly [Track, number])[];
  readonly begun: readonly Track[];
}

/** What the tracker made of a frame. */
export interface TrackedFrame {
  /** [instances] The track of each instance; null where there is none. */
  readonly tracks: readonly (Track | null)[];
  /** What has ended with this frame. */
  readonly ended: readonly Track[];
}

/**
 * Follows objects by their boxes and masks: the association of ByteTrack (Zhang et al., ECCV 2022), written from the paper,
 * with classes kept apart, masks compared beside boxes, and time in seconds in place of frames.
 *
 * Instances with a high score are matched with all tracks, then those with a low one with the tracks that were seen in the last
 * frame. What is left of the high ones begins tracks, which get an id when they are seen again; those of the first frame
 * get it at once.
 */
export class Tracker {
  readonly #ids: TrackIds;
  #tracks: Track[] = [];
  #nowS = 0;
  #isFirst = true;

  constructor(ids: TrackIds) {
    this.#ids = ids;
  }

  /** Seconds since the first frame, by stamps. */
  get nowS(): number {
    return this.#nowS;
  }

  /** @param dtS Seconds since the frame before, 0 or more. */
  update(instances: Instances, dtS: number, options: TrackingOptions): TrackedFrame {
    this.#nowS += dtS;
    const ended = this.#endLost(options.maxLostS);
    for (const track of this.#tracks) track.predict(dtS);
    const tracks: (Track | null)[] = new Array(instances.count).fill(null);
    const { seen, begun } = this.#associate(instances, options);
    for (const [track, index] of seen) {
      track.see(instances, index, this.#nowS);
      tracks[index] = track;
    }
    for (const track of begun) {
      if (!this.#isFirst) break;
      track.state = 'seen';
      tracks[track.index] = track;
    }
    for (const track of tracks) if (track?.id === 0) track.id = this.#ids.next();
    this.#isFirst = false;
    return { tracks, ended };
  }

  /** Forgets everything; gives the tracks that had an id. */
  end(): readonly Track[] {
    const ended = this.#tracks.filter(({ id }) => id > 0);
    this.#tracks = [];
    this.#isFirst = true;
    return ended;
  }

  /** Lets go of the tracks that were not seen for too long, and of the oldest where there are too many; gives them. */
  #endLost(maxLostS: number): readonly Track[] {
    const over = new Set(this.#tracks.filter(({ seenS }) => this.#nowS - seenS > maxLostS));
    const lost = this.#tracks.filter((track) => track.state === 'lost' && !over.has(track));
    // Lost tracks stand in the order in which they began: those that were not seen for longest are looked for.
    lost.sort((a, b) => b.seenS - a.seenS);
    for (const track of lost.slice(mostLost)) over.add(track);
    if (over.size === 0) return [];
    this.#tracks = this.#tracks.filter((track) => !over.has(track));
    return [...over].filter(({ id }) => id > 0);
  }

  /** Which tracks are seen as which instance; begins tracks and lets new ones go that were not seen again. */
  #associate(instances: Instances, options: TrackingOptions): Association {
    const { highScore, lowScore, newScore, matchSimilarity, lowMatchSimilarity, usesMasks } = options;
    const { scores } = instances;
    const [high, low]: [number[], number[]] = [[], []];
    for (let index = 0; index < instances.count; index++) {
      if (scores[index]! >= highScore) high.push(index);
      else if (scores[index]! >= lowScore) low.push(index);
    }
    const similarity = new Similarity(instances, usesMasks);
    const known = this.#tracks.filter(({ state }) => state !== 'new');
    const fresh = this.#tracks.filter(({ state }) => state === 'new');
    const first = matchTracks(known, instances, high, similarity, matchSimilarity);
    const candidates = first.unseenTracks.filter(({ state }) => state === 'seen');
    const second = matchTracks(candidates, instances, low, similarity, lowMatchSimilarity);
    const third = matchTracks(fresh, instances, first.unusedIndices, similarity, newMatchSimilarity);
    for (const track of second.unseenTracks) track.state = 'lost';
    const begun = third.unusedIndices
      .filter((index) => scores[index]! >= newScore)
      .map((index) => new Track(instances, index, this.#nowS));
    const dropped = new Set(third.unseenTracks);
    this.#tracks = [...this.#tracks.filter((track) => !dropped.has(track)), ...begun];
    return { seen: [...first.pairs, ...second.pairs, ...third.pairs], begun };
  }
}
