import munkres from 'munkres';
import { maskIou } from '../core/spans.js';
import { type JudgedFrame, matchIou } from './evaluate.js';

/** A frame whose objects have an identity, and what was found in it with the ids of tracks. */
export interface FollowedFrame extends JudgedFrame {
  /** Of the objects of the picture, same index. */
  readonly objectIds: readonly number[];
  /** Of what was found, same index; null without a track. */
  readonly trackIds: readonly (number | null)[];
}

/** How well objects kept their identity. */
export interface IdentityFigures {
  /** Objects in all frames, each as often as it was there. */
  readonly objects: number;
  /** Tracks in all frames, counted alike. */
  readonly tracked: number;
  /** F1 of objects and tracks, where each object is given the one track that it was seen as most often; null of nothing. */
  readonly idf1: number | null;
  /** How often an object was seen as another track than before. */
  readonly switches: number;
}

/** Objects and tracks of one class whose masks overlap enough. */
function overlaps({ picture, found, objectIds, trackIds }: FollowedFrame) {
  const { objects } = picture;
  const pairs: { readonly objectId: number; readonly trackId: number; readonly iou: number }[] = [];
  for (const [output, trackId] of trackIds.entries()) {
    if (trackId === null) continue;
    for (const [object, objectId] of objectIds.entries()) {
      if (objects.classIds[object] !== found.classIds[output]) continue;
      const iou = maskIou(objects, object, found, output);
      if (iou >= matchIou) pairs.push({ objectId, trackId, iou });
    }
  }
  return pairs;
}

/** Counts how often each object is seen as another track than before: what it was seen as goes on where it can. */
class Switches {
  count = 0;
  readonly #lastTrack = new Map<number, number>();

  add(pairs: ReturnType<typeof overlaps>): void {
    const isKept = (pair: (typeof pairs)[number]) => this.#lastTrack.get(pair.objectId) === pair.trackId;
    const inOrder = pairs.toSorted((a, b) => Number(isKept(b)) - Number(isKept(a)) || b.iou - a.iou);
    const seen = new Set<number>();
    const used = new Set<number>();
    for (const { objectId, trackId } of inOrder) {
      if (seen.has(objectId) || used.has(trackId)) continue;
      seen.add(objectId);
      used.add(trackId);
      const before = this.#lastTrack.get(objectId);
      if (before !== undefined && before !== trackId) this.count++;
      this.#lastTrack.set(objectId, trackId);
    }
  }
}

/** IDF1 and switches by masks, as the measures of multi-object tracking have them. */
export function identityFigures(frames: readonly FollowedFrame[]): IdentityFigures {
  const switches = new Switches();
  const together = new Map<string, number>();
  const objectIds = new Set<number>();
  const trackIds = new Set<number>();
  let [objects, tracked] = [0, 0];
  for (const frame of frames) {
    const pairs = overlaps(frame);
    switches.add(pairs);
    for (const { objectId, trackId } of pairs) {
      const key = `${objectId} ${trackId}`;
      together.set(key, (together.get(key) ?? 0) + 1);
      objectIds.add(objectId);
      trackIds.add(trackId);
    }
    objects += frame.objectIds.length;
    tracked += frame.trackIds.filter((id) => id !== null).length;
  }
  const columns = [...trackIds];
  const shared = [...objectIds].map((objectId) =>
    columns.map((trackId) => together.get(`${objectId} ${trackId}`) ?? 0),
  );
  const best = shared.length === 0 ? [] : munkres(shared.map((row) => row.map((count) => -count)));
  const kept = best.reduce((sum, [row, column]) => sum + shared[row]![column]!, 0);
  const idf1 = objects + tracked === 0 ? null : (2 * kept) / (objects + tracked);
  return { objects, tracked, idf1, switches: switches.count };
}
