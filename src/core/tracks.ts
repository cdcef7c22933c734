/** How objects are followed from frame to frame; live parameters of the node. */
export interface TrackingOptions {
  /** Instances must score above this probability to be published without a track. */
  readonly scoreThreshold: number;
  /** Instances from this score on may carry on a track; below it none is looked at. */
  readonly lowScore: number;
  /** Instances from this score on are matched first, and with lost tracks, too. */
  readonly highScore: number;
  /** Instances from this score on may begin a track. */
  readonly newScore: number;
  /** Least similarity, 0 to 1, of an instance and the track that it carries on. */
  readonly matchSimilarity: number;
  /** The same for instances below `highScore`. */
  readonly lowMatchSimilarity: number;
  /** Whether masks are compared beside boxes. */
  readonly usesMasks: boolean;
  /** Seconds, by the stamps of frames, that a track outlives the last instance that it was seen as. */
  readonly maxLostS: number;
}

/** Where tracks have been, for drawing: the centres of boxes in continuous source pixels, oldest first. */
export interface Trails {
  /** [starts[count] * 2] x, y */
  readonly points: Float32Array;
  /** [count + 1] Instance i owns the points from `starts[i]` to `starts[i + 1]`; none without a track. */
  readonly starts: Uint32Array;
}

/** A track that goes on no more. */
export interface EndedTrack {
  readonly id: number;
  /** As the model that found it calls its class: another model may have taken its place since. */
  readonly className: string;
}

/** Tracks that have ended with a frame or since the one before; each is told once. */
export interface EndedTracks {
  readonly ended: readonly EndedTrack[];
}

/** Which tracks the instances of one frame belong to. */
export interface FrameTracks extends EndedTracks {
  /** [count] from 1 on, of each instance; 0 where it belongs to no track yet. */
  readonly ids: Uint32Array;
  /** Null unless somebody draws them. */
  readonly trails: Trails | null;
}

/** The id of the track that instance `index` belongs to; 0 without one. */
export function trackIdOf(tracks: Pick<FrameTracks, 'ids'> | null, index: number): number {
  return tracks?.ids[index] ?? 0;
}

/** Largest id of a track: label maps of tracks hold signed integers of four bytes. */
const mostTrackId = 0x7fff_ffff;

/** Gives out the ids of tracks, each once: what shares a source of ids never shares an id. */
export class TrackIds {
  #last: number;

  /** @param last Ids up to this one are taken. */
  constructor(last = 0) {
    this.#last = last;
  }

  /** The next id; 0 where there is none left, so that a track stays without one rather than to have that of another. */
  next(): number {
    return this.#last < mostTrackId ? ++this.#last : 0;
  }
}
