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
  readonly #camera: string | null;
  readonly #statusName: string;
  /** Names of cameras that have a status of their own. */
  readonly #cameras = new Set<string>();
  /** Names of other statuses that nodes of this kind have. */
  readonly #others = new Set<string>();
  readonly #values = new Map<string, string>();
  readonly #rates = new Map<RateKey, number[]>();
  /** How many frames had left the node, message by message. */
  readonly progress: Progress[] = [];

  /**
   * @param node Full name of the node, e.g. `/yolo_seg`.
   * @param camera The one of several whose figures go before those of the node; null for a node with one.
   */
  constructor(node: string, camera: string | null = null) {
    this.#node = node;
    this.#camera = camera;
    this.#statusName = statusNameOf(node);
  }

  /** Takes in a message; statuses of other nodes are ignored. */
  update(message: DiagnosticArrayMessage): void {
    const beginning = statusNameOf(this.#node, '');
    const found = new Map<string, string>();
    const ofCamera: (readonly [string, string])[] = [];
    for (const { name, values } of message.status) {
      const pairs = values.filter(({ value }) => value !== '').map(({ key, value }) => [key, value] as const);
      if (name === this.#statusName) for (const [key, value] of pairs) found.set(key, value);
      else if (name.startsWith(beginning)) {
        const camera = name.slice(beginning.length);
        this.#cameras.add(camera);
        if (camera === this.#camera) ofCamera.push(...pairs);
      } else if (name.endsWith(statusNameOf('')))
        this.#others.add(`/${name.slice(0, -statusNameOf('').length)}`);
    }
    for (const [key, value] of ofCamera) found.set(key, value);
    for (const [key, value] of found) {
      if (key === framesOutKey) {
        const atMs = Number(fromRosTime(message.header.stamp)) / 1e6;
        this.progress.push({ atMs, framesOut: Number(value) });
      }
      if (isRate(key)) this.#addRate(key, Number(value));
      else this.#values.set(key, value);
    }
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /**
   * Throws ConfigError `node` where the node said nothing, with the nodes that did, and where its cameras are not as asked: each of
   * several has its outputs and figures in a place of its own.
   *
   * @param isOneWanted Whether the figures are to be those of one camera.
   */
  refuseOtherNode(isOneWanted: boolean): void {
    const cameras = [...this.#cameras].sort();
    const camera = this.#camera;
    if (this.isEmpty) {
      const others = [...this.#others].sort();
      const heard =
        others.length === 0 ? 'nor did any other node' : `but ${others.join(', ')} did: --node names one`;
      const what = `nothing has come from ${this.#node}: no status "${this.#statusName}" came on /diagnostics while it was waited for, ${heard}`;
      throw new ConfigError('node', what, { others });
    }
    if (camera !== null && !cameras.includes(camera)) {
      const has = cameras.length === 0 ? 'one camera without a name' : `the cameras ${cameras.join(', ')}`;
      throw new ConfigError('node', `${this.#node} has no camera ${camera}; it has ${has}`, {
        camera,
        cameras,
      });
    }
    if (camera === null && cameras.length > 0 && isOneWanted) {
      const what = `${this.#node} has ${cameras.length} cameras, with outputs of their own: choose one by --camera, ${cameras.join(' or ')}`;
      throw new ConfigError('node', what, { cameras });
    }
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
