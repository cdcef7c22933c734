import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { DiagnosticsSeen, Robot } from '../../ros2/support/robot.js';
import { readProcess } from './processFigures.js';
import { root, type Held, type SoakedNode } from './soakedNode.js';

/** One point of the plots. A rate or an age that is not known is null. */
export interface SoakSample {
  readonly atS: number;
  /** Frames, rounds or changes so far, in the part's own unit. */
  readonly done: number;
  readonly residentMib: number;
  readonly anonymousMib: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly rateOutHz: number | null;
  /** Median of the age of results. */
  readonly ageMs: number | null;
}

/** A stated bound, and what was found. */
export interface SoakBound {
  readonly name: string;
  readonly unit: string;
  readonly before: number | null;
  readonly after: number;
  /** The most that `after` may be above `before`, or above 0 where there is no before. */
  readonly most: number;
  readonly held: boolean;
}

/** What a part leaves in `out/soak/NAME.part.json`, for scripts/soak/report.mjs. */
export interface SoakReport {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly done: number;
  readonly seconds: number;
  readonly bounds: readonly SoakBound[];
  readonly counts: Readonly<Record<string, number>>;
  readonly marks: Readonly<Record<string, Held>>;
  readonly samples: readonly SoakSample[];
}

/** What may stay between the two marks. */
export interface HeldLimits {
  readonly anonymousMib: number;
  readonly heapUsedMib: number;
  readonly descriptors: number;
  readonly threads: number;
}

const folder = join(root, 'out', 'soak');
const minutes = Number(process.env.RDK_YOLO_SEG_SOAK_MINUTES ?? '0');

/** One part of the soak: its samples, its marks, its bounds. */
export class SoakPart {
  readonly folder = folder;
  readonly #name: string;
  readonly #title: string;
  readonly #unit: string;
  readonly #goal: number;
  readonly #startMs = performance.now();
  readonly #samples: SoakSample[] = [];
  readonly #marks: Record<string, Held> = {};
  readonly #counts: Record<string, number> = {};
  readonly #bounds: SoakBound[] = [];
  #done = 0;

  /** @param goal How many of `unit` are wanted; with `--minutes` the part goes on until these are over instead. */
  constructor(name: string, title: string, { goal, unit }: { goal: number; unit: string }) {
    this.#name = name;
    this.#title = title;
    this.#unit = unit;
    this.#goal = goal;
    mkdirSync(folder, { recursive: true });
    rmSync(this.#file, { force: true });
  }

  get #file(): string {
    return join(folder, `${this.#name}.part.json`);
  }

  get #elapsedS(): number {
    return (performance.now() - this.#startMs) / 1000;
  }

  get done(): number {
    return this.#done;
  }

  /** Whether the part has done what it was asked for. */
  get isDone(): boolean {
    return minutes > 0 ? this.#elapsedS >= minutes * 60 : this.#done >= this.#goal;
  }

  /** Whether a tenth of it is done: what comes before is warm-up. */
  get isWarm(): boolean {
    return minutes > 0 ? this.#elapsedS >= minutes * 6 : this.#done >= this.#goal / 10;
  }

  /** Notes how far the part is, and what the node holds. */
  sample(done: number, node: SoakedNode, seen: DiagnosticsSeen | null): void {
    this.#done = done;
    const figure = (text: string | undefined) =>
      text === undefined || text === '' ? null : Number(text.split(' ')[0]!.split('/')[0]);
    const { residentMib, anonymousMib, descriptors, threads } = readProcess(node.pid);
    this.#samples.push({
      atS: this.#elapsedS,
      done,
      ...{ residentMib, anonymousMib, descriptors, threads },
      rateOutHz: figure(seen?.value('rate_out_hz')),
      ageMs: figure(seen?.value('age_ms.p50')),
    });
  }

  /**
   * Notes what the node holds at a named moment, after a collection: the least of some looks, because a session that ends
   * gives its memory back a moment after the life cycle has answered.
   */
  async mark(name: 'before' | 'after', node: SoakedNode): Promise<void> {
    const looks: Held[] = [];
    for (let look = 0; look < 8; look++) {
      looks.push(await node.held());
      await sleep(250);
    }
    this.#marks[name] = looks.toSorted((a, b) => a.anonymousMib - b.anonymousMib)[0]!;
  }

  /** Adds to a count of the report. */
  count(name: string, more: number): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + more;
  }

  /** Adds what became of all frames to the counts of the report, from a report that is balanced. */
  countFrames(end: { count(key: string): number }): void {
    for (const key of [
      'frames_in',
      'frames_out',
      'dropped',
      'dropped.superseded',
      'dropped.overwritten',
      'input.lost',
    ]) {
      this.count(key, end.count(key));
    }
  }

  /** States that `after` is at most `most` above `before`; judged by `finish`, so that one failure hides no other. */
  bound(
    name: string,
    unit: string,
    { before, after, most }: Omit<SoakBound, 'name' | 'unit' | 'held'>,
  ): void {
    const held = after - (before ?? 0) <= most;
    this.#bounds.push({ name, unit, before, after, most, held });
  }

  /** States how much more may be held at the mark `after` than at `before`. */
  boundHeld(limits: HeldLimits): void {
    const { before, after } = this.#marks as { before: Held; after: Held };
    const rows = [
      ['memory of its own', 'MiB', 'anonymousMib'],
      ["V8's heap after a collection", 'MiB', 'heapUsedMib'],
      ['file descriptors', '', 'descriptors'],
      ['threads', '', 'threads'],
    ] as const;
    for (const [name, unit, key] of rows) {
      this.bound(name, unit, { before: before[key], after: after[key], most: limits[key] });
    }
  }

  /** Writes the report, then fails with every bound that was not held. */
  finish(): void {
    const report: SoakReport = {
      name: this.#name,
      title: this.#title,
      unit: this.#unit,
      done: this.#done,
      seconds: this.#elapsedS,
      bounds: this.#bounds,
      counts: this.#counts,
      marks: this.#marks,
      samples: this.#samples,
    };
    writeFileSync(this.#file, `${JSON.stringify(report)}\n`);
    const broken = this.#bounds.filter(({ held }) => !held);
    const told = broken.map(
      ({ name, unit, before, after, most }) =>
        `${name}: ${before ?? 0} before, ${after} after, ${most} more allowed${unit && ` (${unit})`}`,
    );
    expect(told).toEqual([]);
  }
}

/** The next diagnostics, which must add up: every frame is out, dropped or in work. */
export async function balanced(
  robot: Robot,
  fits: (seen: DiagnosticsSeen) => boolean = () => true,
  timeoutMs = 30_000,
): Promise<DiagnosticsSeen> {
  return robot.diagnostics((seen) => {
    const { count } = seen;
    expect(count('frames_out') + count('dropped') + count('frames_in_work')).toBe(count('frames_in'));
    return fits(seen);
  }, timeoutMs);
}
