import { expect } from 'vitest';
import type { Graph } from './graph.js';
import type { Stamp } from './messages.js';
import type { DiagnosticsSeen, SendOptions } from './robot.js';

/** Proves for frames that must be refused that each is told, counted once, and followed by a good one. */
export class Drops {
  readonly #graph: Graph;
  readonly #good: SendOptions;
  #goodCount = 0;
  /** The counters after the broken frame before. */
  #counted: DiagnosticsSeen | null = null;

  /** @param good What sends a frame that is segmented. */
  constructor(graph: Graph, good: SendOptions = {}) {
    this.#graph = graph;
    this.#good = good;
  }

  /** How many instances a good frame has. */
  get goodCount(): number {
    return this.#goodCount;
  }

  async start(): Promise<void> {
    this.#goodCount = (await this.#graph.yoloSeg.segment(this.#good)).length;
    expect(this.#goodCount).toBeGreaterThanOrEqual(4);
    this.#counted = await this.#graph.robot.diagnostics();
  }

  /** Every frame that came is out, dropped or in work. */
  expectBalance({ count }: DiagnosticsSeen): void {
    expect(count('frames_out') + count('dropped') + count('frames_in_work')).toBe(count('frames_in'));
    expect(count('input.taken')).toBe(count('frames_in'));
  }

  /**
   * Sends a broken frame over ROS and proves that it is told, counted and followed by a good one.
   *
   * Lines of one code are written at most every two seconds: it is sent again until its own has been.
   *
   * @param send Sends it once; answers with its stamp, where it has one.
   */
  async expectDropped(code: string, text: string, send: () => Promise<Stamp | null>): Promise<void> {
    const { robot, yoloSeg, node } = this.#graph;
    const before = this.#counted ?? (await robot.diagnostics());
    this.#counted = null;
    const since = node.log.length;
    // With a number where it was already a frame of the pipeline.
    const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const told = new RegExp(`frame (\\d+ )?dropped: ${code}: ${escaped}`);
    const stamps: (Stamp | null)[] = [];
    do {
      stamps.push(await send());
      const count = before.dropped(code) + stamps.length;
      this.expectBalance(await robot.diagnostics((seen) => seen.dropped(code) === count));
    } while (!told.test(node.log.slice(since)) && stamps.length < 10);
    await node.logged(told, { since });
    expect(await yoloSeg.segment(this.#good)).toHaveLength(this.#goodCount);
    for (const stamp of stamps) {
      if (stamp !== null) await expect(yoloSeg.detectionsOf(stamp, 1)).rejects.toThrow();
    }
    this.#counted = await robot.diagnostics();
  }
}
