import type { PipelineClock } from '../../pipeline/stats.js';
import { fromRosTime, toRosTime } from '../../messages/header.js';

/** Whose time it is. */
export type ClockKind = 'system' | 'simulated' | 'simulated, not heard';

/** What a clock needs of its node. */
export interface ClockSource {
  /** Hears a topic without deserialising, best effort, the newest message only; returns how to end that. */
  hear(typeName: string, topic: string, onMessage: (cdr: Buffer) => void): () => void;
}

/** A simulation whose clock has not been heard after this is worth a word. */
const silentAfterMs = 2000;
const nsPerMs = 1_000_000n;

/**
 * The time of a node: the system's, or where `use_sim_time` is set that of `/clock`, which a bag or a simulator
 * publishes.
 */
export class RosClock implements PipelineClock {
  readonly #source: ClockSource;
  #stop: (() => void) | null = null;
  #startedMs = 0;
  #simulatedNs: bigint | null = null;
  #simulatedElapsedMs = 0;

  constructor(source: ClockSource) {
    this.#source = source;
  }

  /** Takes the time from `/clock` or from the system. */
  simulate(useSimTime: boolean): void {
    if (useSimTime === this.isSimulated) return;
    this.#stop?.();
    this.#stop = null;
    this.#simulatedNs = null;
    if (!useSimTime) return;
    this.#startedMs = performance.now();
    this.#stop = this.#source.hear('rosgraph_msgs/msg/Clock', '/clock', (cdr) => this.#take(cdr));
  }

  get isSimulated(): boolean {
    return this.#stop !== null;
  }

  /** Nanoseconds since the epoch; null while a simulated clock has not been heard. */
  nowNs(): bigint | null {
    return this.isSimulated ? this.#simulatedNs : BigInt(Date.now()) * nsPerMs;
  }

  nowMs(): number {
    return performance.now();
  }

  realtimeMs(): number | null {
    const nowNs = this.nowNs();
    return nowNs === null ? null : Number(nowNs) / 1e6;
  }

  get kind(): ClockKind {
    if (!this.isSimulated) return 'system';
    return this.#simulatedNs === null ? 'simulated, not heard' : 'simulated';
  }

  /** For headers; 0 where the time is not known, as rclcpp has it. */
  stamp(): { sec: number; nanosec: number } {
    return toRosTime(this.nowNs() ?? 0n);
  }

  /** Milliseconds that have passed for the node, from any origin: they stand still while a simulation does. */
  elapsedMs(): number {
    return this.isSimulated ? this.#simulatedElapsedMs : performance.now();
  }

  /** Why the time is not known; null where it is, or may be soon. */
  get warning(): string | null {
    const isLate = performance.now() - this.#startedMs >= silentAfterMs;
    if (!this.isSimulated || this.#simulatedNs !== null || !isLate) return null;
    return 'use_sim_time is true and nothing has come on /clock: ages are not known; play the bag with --clock, or set use_sim_time to false';
  }

  #take(cdr: Buffer): void {
    const isLittleEndian = cdr[1] === 1;
    const sec = isLittleEndian ? cdr.readInt32LE(4) : cdr.readInt32BE(4);
    const nanosec = isLittleEndian ? cdr.readUInt32LE(8) : cdr.readUInt32BE(8);
    const nowNs = fromRosTime({ sec, nanosec });
    // A bag that begins anew sets the time back.
    if (this.#simulatedNs !== null && nowNs > this.#simulatedNs) {
      this.#simulatedElapsedMs += Number(nowNs - this.#simulatedNs) / 1e6;
    }
    this.#simulatedNs = nowNs;
  }
}
