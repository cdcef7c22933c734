/** Why a result has no depth picture. */
export const unpairedReasons = ['no_depth', 'stamp', 'silent', 'busy'] as const;
/**
 * no_depth: none had come when the time was up. stamp: none lies within the tolerance, and none that may come will. silent: none
 * has come for so long that none is waited for. busy: depth pictures cannot be worked on as fast as results come.
 */
export type UnpairedReason = (typeof unpairedReasons)[number];

/** A picture that is older than the newest by more than this comes from another time: a clock or a bag went back. */
const mostBehindNs = 500_000_000n;
/** So many in a row that are older than the newest: nothing newer goes on, as it would if their order alone were mixed up. */
const mostBehindInARow = 5;

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
      readonly reason: Exclude<UnpairedReason, 'busy' | 'silent'>;
      readonly offNs: bigint | null;
      readonly waitedMs: number;
    };

interface Waiting<Job> {
  readonly job: Job;
  readonly stampNs: bigint;
  readonly sinceMs: number;
}

interface Kept<Picture> {
  readonly picture: Picture;
  /** How much newer the newest was when it came; 0 where it was the newest. */
  readonly behindNs: bigint;
}

const distanceNs = (a: bigint, b: bigint) => (a > b ? a - b : b - a);

/**
 * Gives each result the depth picture whose stamp is nearest, in the order of the results.
 *
 * A result is decided as soon as no nearer picture can come: one of its own stamp is there, or one that is newer by more than pictures
 * came too late of late, which is nothing where they come in order. What is not decided in time gets the nearest that is there. It
 * has no clock and no timer: it is asked at every arrival and at `nextDueMs`.
 */
export class DepthPairing<Picture extends { readonly stampNs: bigint }, Job> {
  /** The newest ones; their stamps rise. */
  readonly #kept: Kept<Picture>[] = [];
  #behindInARow = 0;
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
   *
   * One that is a little older than the newest takes its place among them, as where two publishers or replays mix. One that is
   * much older, or the last of several in a row, means another clock or a bag that begins again: all before it are of no use then.
   *
   * @param keep So many of the newest pictures are kept, at least one.
   */
  addPicture(picture: Picture, keep: number): void {
    const newestNs = this.#kept.at(-1)?.picture.stampNs ?? picture.stampNs;
    const behindNs = picture.stampNs < newestNs ? newestNs - picture.stampNs : 0n;
    this.#behindInARow = behindNs === 0n ? 0 : this.#behindInARow + 1;
    if (behindNs > mostBehindNs || this.#behindInARow === mostBehindInARow) {
      this.#forgetAll();
      this.#kept.push({ picture, behindNs: 0n });
      return;
    }
    const same = this.#kept.findIndex((one) => one.picture.stampNs === picture.stampNs);
    if (same >= 0) this.#forget(same, 1);
    const newer = this.#kept.findIndex((one) => one.picture.stampNs > picture.stampNs);
    this.#kept.splice(newer < 0 ? this.#kept.length : newer, 0, { picture, behindNs });
    this.#forget(0, this.#kept.length - keep);
  }

  addResult(job: Job, stampNs: bigint, nowMs: number): void {
    this.#waiting.push({ job, stampNs, sinceMs: nowMs });
  }

  /**
   * Takes the results that are decided, the oldest first.
   *
   * @param isUsable Whether a result can be looked for in its picture by now; while it cannot, it waits on for as long as it may.
   */
  take(
    nowMs: number,
    limits: PairingLimits,
    isUsable: (picture: Picture, job: Job) => boolean = () => true,
  ): { readonly job: Job; readonly outcome: PairingOutcome<Picture> }[] {
    const taken = [];
    for (const { job, stampNs, sinceMs } of this.#waiting) {
      const waitedMs = nowMs - sinceMs;
      const isDue = waitedMs >= limits.maxWaitMs;
      const outcome = this.#decide(stampNs, waitedMs, isDue, limits);
      if (outcome === null) break;
      if (outcome.kind === 'paired' && !isDue && !isUsable(outcome.picture, job)) break;
      taken.push({ job, outcome });
    }
    this.#waiting.splice(0, taken.length);
    return taken;
  }

  /** Forgets everything; returns the results that waited. */
  clear(): Job[] {
    const jobs = this.#waiting.map(({ job }) => job);
    this.#waiting = [];
    this.#forgetAll();
    return jobs;
  }

  #forgetAll(): void {
    this.#forget(0, this.#kept.length);
    this.#behindInARow = 0;
  }

  #forget(start: number, count: number): void {
    for (const { picture } of this.#kept.splice(start, count)) this.#onForgotten(picture);
  }

  #decide(
    stampNs: bigint,
    waitedMs: number,
    isDue: boolean,
    { toleranceNs }: PairingLimits,
  ): PairingOutcome<Picture> | null {
    let nearest: Picture | null = null;
    let offNs: bigint | null = null;
    let disorderNs = 0n;
    for (const { picture, behindNs } of this.#kept) {
      const distance = distanceNs(picture.stampNs, stampNs);
      if (offNs === null || distance < offNs) [nearest, offNs] = [picture, distance];
      if (behindNs > disorderNs) disorderNs = behindNs;
    }
    if (nearest === null || offNs === null)
      return isDue ? { kind: 'unpaired', reason: 'no_depth', offNs: null, waitedMs } : null;
    const isFinal = offNs === 0n || this.#kept.at(-1)!.picture.stampNs >= stampNs + disorderNs;
    if (!isFinal && !isDue) return null;
    if (offNs > toleranceNs) return { kind: 'unpaired', reason: 'stamp', offNs, waitedMs };
    return { kind: 'paired', picture: nearest, waitedMs };
  }
}
