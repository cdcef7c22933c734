import { describeError } from '../core/errors.js';
import type { RosNode, RosPublisher } from './rcl/rosNode.js';
import type { Problem } from './health.js';
import { diagnosticValues, type NodeReport } from './report.js';
import { statusNameOf } from './reportKeys.js';

/** diagnostic_msgs/DiagnosticStatus levels. */
const level = { ok: 0, warn: 1, error: 2 } as const;

/** Publishes the node's report on /diagnostics, from the first `publishEvery` until `stop`. */
export class Diagnostics {
  readonly #ros: RosNode;
  readonly #publisher: RosPublisher;
  #timer: NodeJS.Timeout | undefined;
  #periodS = 0;
  readonly #name: string;
  readonly #report: () => NodeReport;
  readonly #problem: (report: NodeReport) => Problem | null;

  constructor(ros: RosNode, report: () => NodeReport, problem: (report: NodeReport) => Problem | null) {
    this.#ros = ros;
    this.#name = statusNameOf(ros.fullName);
    this.#report = report;
    this.#problem = problem;
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
    const report = this.#report();
    const problem = this.#problem(report);
    this.#publisher.publish({
      header: { stamp: this.#ros.clock.stamp(), frame_id: '' },
      status: [
        {
          level: level[problem?.severity ?? 'ok'],
          name: this.#name,
          message: problem?.message ?? (report.isEnabled ? report.state : `${report.state}, disabled`),
          hardware_id: report.model?.backend ?? '',
          values: diagnosticValues(report).map(([key, value]) => ({ key, value })),
        },
      ],
    });
  }
}
