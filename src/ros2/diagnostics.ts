import { describeError } from '../core/errors.js';
import type { RosNode, RosPublisher } from './rcl/rosNode.js';
import type { Problem } from './health.js';
import type { ReportValue } from './report.js';
import { statusNameOf } from './reportKeys.js';

/** diagnostic_msgs/DiagnosticStatus levels. */
const level = { ok: 0, warn: 1, error: 2 } as const;

/** One status of the message. */
export interface Status {
  /** Of what: as `statusNameOf` takes it. */
  readonly part: string;
  /** Null while all is well. */
  readonly problem: Problem | null;
  /** Said where there is no problem. */
  readonly summary: string;
  readonly hardwareId: string;
  readonly values: readonly ReportValue[];
}

/** Publishes the node's report on /diagnostics, from the first `publishEvery` until `stop`. */
export class Diagnostics {
  readonly #ros: RosNode;
  readonly #publisher: RosPublisher;
  #timer: NodeJS.Timeout | undefined;
  #periodS = 0;
  readonly #statuses: () => readonly Status[];

  /** @param statuses Asked for each message. */
  constructor(ros: RosNode, statuses: () => readonly Status[]) {
    this.#ros = ros;
    this.#statuses = statuses;
    this.#publisher = ros.createPublisher('diagnostic_msgs/msg/DiagnosticArray', '/diagnostics', {
      depth: 10,
      reliability: 'reliable',
      durability: 'volatile',
      history: 'keep_last',
    });
  }

  /** Publishes at this distance from now on; the same again changes nothing. */
  publishEvery(periodS: number): void {
    if (periodS === this.#periodS) return;
    this.#periodS = periodS;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.publish(), periodS * 1000);
  }

  /** Never throws: a timer calls it, and a throw there would end the process. */
  publish(): void {
    try {
      this.#publish();
    } catch (error) {
      this.#ros.log('error', `diagnostics lost: ${describeError(error)}`);
    }
  }

  /** Publishes once more, so that the last counters are seen, and ends. */
  stop(): void {
    clearInterval(this.#timer);
    this.publish();
  }

  #publish(): void {
    const status = this.#statuses().map(({ part, problem, summary, hardwareId, values }) => ({
      level: level[problem?.severity ?? 'ok'],
      name: statusNameOf(this.#ros.fullName, part),
      message: problem?.message ?? summary,
      hardware_id: hardwareId,
      values: values.map(([key, value]) => ({ key, value })),
    }));
    this.#publisher.publish({ header: { stamp: this.#ros.clock.stamp(), frame_id: '' }, status });
  }
}
