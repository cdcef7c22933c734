import type { EndedTrack } from '../core/tracks.js';

/** The tracks of one camera that have ended and that no result has told yet; it may outlive the model that found them. */
export class UntoldTracks {
  #tracks: EndedTrack[] = [];

  get isEmpty(): boolean {
    return this.#tracks.length === 0;
  }

  add(tracks: readonly EndedTrack[]): void {
    this.#tracks.push(...tracks);
  }

  /** All of them: they count as told from here on. */
  take(): readonly EndedTrack[] {
    const tracks = this.#tracks;
    this.#tracks = [];
    return tracks;
  }
}
