import { ConfigError } from '../core/errors.js';
import { percentile } from '../core/percentile.js';
import { fromRosTime } from '../messages/header.js';
import type { DiagnosticArrayMessage } from '../messages/read.js';
import { type KeyGroup, type RateKey, type ReportKey, rateKeys, statusNameOf } from '../ros2/reportKeys.js';

const framesOutKey: ReportKey = 'frames_out';
const isRate = (key: string): key is RateKey => rateKeys.some((one) => one === key);

/** How many frames had left the node at one moment. */
export interface Progress {
  readonly atMs: number;
  readonly framesOut: number;
}

/**
 * What the node says of itself on /diagnostics: the last word on each key, and of rates the median.
 *
 * The last rates say that the camera has stopped, not how fast the node was.
 */
export class NodeFigures {
  readonly #node: string;
  readonly #statusName: string;
  /** Names of cameras that have a status of their own. */
  readonly #cameras = new Set<string>();
  readonly #values = new Map<string, string>();
  readonly #rates = new Map<RateKey, number[]>();
  /** How many frames had left the node, message by message. */
  readonly progress: Progress[] = [];

  /** @param node Full name of the node, e.g. `/yolo_seg`. */
  constructor(node: string) {
    this.#node = node;
    this.#statusName = statusNameOf(node);
  }

  /** Takes in a message; statuses of other nodes are ignored. */
  update(message: DiagnosticArrayMessage): void {
    for (const status of message.status) {
      if (status.name !== this.#statusName) {
        const beginning = statusNameOf(this.#node, '');
        if (status.name.startsWith(beginning)) this.#cameras.add(status.name.slice(beginning.length));
        continue;
      }
      for (const { key, value } of status.values) {
        if (value === '') continue;
        if (key === framesOutKey) {
          const atMs = Number(fromRosTime(message.header.stamp)) / 1e6;
          this.progress.push({ atMs, framesOut: Number(value) });
        }
        if (isRate(key)) this.#addRate(key, Number(value));
        else this.#values.set(key, value);
      }
    }
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Throws ConfigError `node` for a node with several cameras: each has its outputs and figures in a place of its own. */
  refuseSeveralCameras(): void {
    if (this.#cameras.size === 0) return;
    const cameras = [...this.#cameras].sort();
    const topics = cameras.map((camera) => `${this.#node}/${camera}/detections`).join(', ');
    const what = `${this.#node} has ${cameras.length} cameras, with outputs of their own (${topics}): record reads those of a node with one`;
    throw new ConfigError('node', what, { cameras });
  }

  text(key: ReportKey): string | null {
    return this.#values.get(key) ?? null;
  }

  /** The value as a number; null where it is absent or no number. */
  number(key: ReportKey): number | null {
    const value = Number(this.#values.get(key));
    return Number.isFinite(value) ? value : null;
  }

  /** Median of a rate while it was above 0; null where it never was. */
  rateHz(key: RateKey): number | null {
    return percentile(this.#rates.get(key) ?? [], 0.5);
  }

  /** Pairs of a key's rest and its value, for every key that starts with `prefix`. */
  startingWith(prefix: KeyGroup): [rest: string, value: string][] {
    return [...this.#values]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]);
  }

  #addRate(key: RateKey, rateHz: number): void {
    if (!(rateHz > 0)) return;
    const rates = this.#rates.get(key) ?? [];
    rates.push(rateHz);
    this.#rates.set(key, rates);
  }
}
