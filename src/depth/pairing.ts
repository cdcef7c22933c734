/** Why a result has no depth picture. */
export const unpairedReasons = ['no_depth', 'stamp', 'busy'] as const;
/**
 * no_depth: none had come when the time was up. stamp: none lies within the tolerance, and none that may come will.
 * busy: depth pictures cannot be worked on as fast as results come.
 */
export type UnpairedReason = (typeof unpairedReasons)[number];

/** How results wait for their depth pictures. */
export interface PairingLimits {
  /** Stamps may differ by so much, nanoseconds. */
  readonly toleranceNs: bigint;
  /** A result waits at most so long, milliseconds of the clock that the caller counts in. */
  readonly maxWaitMs: number;
}

/** What became of a result: the nearest picture, or why there is none. */
export type PairingOutcome<Picture> =
  | { readonly kind: 'paired'; readonly picture: Picture; readonly waitedMs: number }
  /** `offNs`: by how much the nearest picture is off; null where there was none. */
  | {
      readonly kind: 'unpaired';
      readonly reason: Exclude<UnpairedReason, 'busy'>;
      readonly offNs: bigint | null;
      readonly waitedMs: number;
    };

interface Waiting<Job> {
  readonly job: Job;
  readonly stampNs: bigint;
  readonly sinceMs: number;
}

const distanceNs = (a: bigint, b: bigint) => (a > b ? a - b : b - a);

/**
 * Gives each result the depth picture whose stamp is nearest, in the order of the results.
 *
 * A result is decided as soon as no nearer picture can come: one of its own stamp or a newer one is there. What is not decided in
 * time gets the nearest that is there. It has no clock and no timer: it is asked at every arrival and at `nextDueMs`.
 */
export class DepthPairing<Picture extends { readonly stampNs: bigint }, Job> {
  /** The last ones, the oldest first; their stamps rise. */
  #pictures: Picture[] = [];
  #waiting: Waiting<Job>[] = [];
  readonly #onForgotten: (picture: Picture) => void;

  /** @param onForgotten Told of each picture that no result will get any more. */
  constructor(onForgotten: (picture: Picture) => void = () => {}) {
    this.#onForgotten = onForgotten;
  }

  /** Results that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** When the oldest result has waited long enough; null where none waits. */
  nextDueMs({ maxWaitMs }: PairingLimits): number | null {
    const [first] = this.#waiting;
    return first === undefined ? null : first.sinceMs + maxWaitMs;
  }

  /**
   * Of pictures that have one stamp the last is kept: a camera that does not stamp them is to be seen as it is now.
   * A stamp that goes back means another clock or a bag that begins again: older pictures are of no use then.
   *
   * @param keep So many of the newest pictures are kept, at least one.
   */
  addPicture(picture: Picture, keep: number): void {
    const last = this.#pictures.at(-1);
    if (last !== undefined && picture.stampNs < last.stampNs) this.#forget(0, this.#pictures.length);
    if (last?.stampNs === picture.stampNs) this.#forget(this.#pictures.length - 1, 1);
    this.#pictures.push(picture);
    this.#forget(0, this.#pictures.length - keep);
  }

  addResult(job: Job, stampNs: bigint, nowMs: number): void {
    this.#waiting.push({ job, stampNs, sinceMs: nowMs });
  }

  /** Takes the results that are decided, the oldest first. */
  take(
    nowMs: number,
    limits: PairingLimits,
  ): { readonly job: Job; readonly outcome: PairingOutcome<Picture> }[] {
    const taken = [];
    for (const { job, stampNs, sinceMs } of this.#waiting) {
      const waitedMs = nowMs - sinceMs;
      const outcome = this.#decide(stampNs, waitedMs, limits);
      if (outcome === null) break;
      taken.push({ job, outcome });
    }
    this.#waiting.splice(0, taken.length);
    return taken;
  }

  /** Forgets everything; returns the results that waited. */
  clear(): Job[] {
    const jobs = this.#waiting.map(({ job }) => job);
    this.#waiting = [];
    this.#forget(0, this.#pictures.length);
    return jobs;
  }

  #forget(start: number, count: number): void {
    for (const picture of this.#pictures.splice(start, count)) this.#onForgotten(picture);
  }

  #decide(
    stampNs: bigint,
    waitedMs: number,
    { toleranceNs, maxWaitMs }: PairingLimits,
  ): PairingOutcome<Picture> | null {
    let nearest: Picture | null = null;
    for (const picture of this.#pictures) {
      const isNearer =
        nearest === null || distanceNs(picture.stampNs, stampNs) < distanceNs(nearest.stampNs, stampNs);
      if (isNearer) nearest = picture;
    }
    const isFinal = (this.#pictures.at(-1)?.stampNs ?? stampNs - 1n) >= stampNs;
    if (!isFinal && waitedMs < maxWaitMs) return null;
    if (nearest === null) return { kind: 'unpaired', reason: 'no_depth', offNs: null, waitedMs };
    const offNs = distanceNs(nearest.stampNs, stampNs);
    if (offNs > toleranceNs) return { kind: 'unpaired', reason: 'stamp', offNs, waitedMs };
    return { kind: 'paired', picture: nearest, waitedMs };
  }
}
