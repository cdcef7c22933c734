import { ConfigError } from '../core/errors.js';
import type { FrameResult } from '../core/result.js';
import { TrackIds, type TrackingOptions } from '../core/tracks.js';
import { classText } from '../messages/classText.js';
import { FrameTracking } from '../tracking/frameTracking.js';
import { hasOwnFile, type InputSource, type OfflineInput } from './offlineInput.js';

/** Throws ConfigError `arguments` for pictures and frames that say nothing of when they were taken. */
export function refuseToFollow(inputs: readonly { readonly path: string; readonly kind: string }[]): void {
  const still = inputs.find(({ kind }) => kind === 'picture' || kind === 'nv12');
  if (still === undefined) return;
  const what = `--track follows objects by the times of frames, and ${still.path} has none; expected recordings or videos`;
  throw new ConfigError('arguments', what, { path: still.path });
}

/** Follows objects through recordings and videos, which come one after the other: each camera of each by itself. */
export class FollowedSources {
  readonly #options: TrackingOptions;
  readonly #nameOf: (classId: number) => string;
  #source: InputSource | null = null;
  #ids = new TrackIds();
  readonly #byTopic = new Map<string, FrameTracking>();

  /** @param classNames Index = class id. */
  constructor(options: TrackingOptions, classNames: readonly string[]) {
    this.#options = options;
    this.#nameOf = (classId) => classText(classId, { classNames, classIdText: 'name' });
  }

  /**
   * The result of the next frame with its tracks, whose ids begin anew with each recording and video. Throws ConfigError `source`
   * where a video does not say when its picture was taken.
   *
   * @param trails Whether they are drawn.
   */
  follow(source: InputSource, input: OfflineInput, result: FrameResult, trails: boolean): FrameResult {
    if (!hasOwnFile(source)) throw new Error(`${source.path} cannot be followed`);
    if (input.kind === 'video' && input.timeNs === null) {
      const what = `${input.path} does not say when picture ${input.number} was taken: objects cannot be followed`;
      throw new ConfigError('source', what, { path: input.path });
    }
    if (source !== this.#source) {
      this.#source = source;
      this.#ids = new TrackIds();
      this.#byTopic.clear();
    }
    const topic = input.kind === 'message' ? input.topic.name : '';
    let tracking = this.#byTopic.get(topic);
    if (tracking === undefined) {
      tracking = new FrameTracking(this.#ids, this.#nameOf, this.#options);
      this.#byTopic.set(topic, tracking);
    }
    return tracking.follow(result, trails);
  }
}
