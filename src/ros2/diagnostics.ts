import { describeError } from '../core/errors.js';
import { rosNow } from '../messages/header.js';
import type { RosNode, RosPublisher } from './rcl/rosNode.js';
import { diagnosticValues, type NodeReport } from './report.js';
import { statusNameOf } from './reportKeys.js';

const periodMs = 1000;
/** diagnostic_msgs/DiagnosticStatus levels. */
const level = { ok: 0, warn: 1, error: 2 } as const;

/** What is wrong with the node at this moment; a warning passes by itself, an error does not. */
export interface Problem {
  readonly severity: 'warn' | 'error';
  readonly message: string;
}

/** Publishes the node's report on /diagnostics once a second, from construction until `stop`. */
export class Diagnostics {
  readonly #ros: RosNode;
  readonly #publisher: RosPublisher;
  readonly #timer: NodeJS.Timeout;
  readonly #name: string;
  readonly #report: () => NodeReport;
  readonly #problem: () => Problem | null;

  constructor(ros: RosNode, report: () => NodeReport, problem: () => Problem | null) {
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
    this.#timer = setInterval(() => this.publish(), periodMs);
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
    const problem = this.#problem();
    this.#publisher.publish({
      header: { stamp: rosNow(), frame_id: '' },
      status: [
        {
          level: level[problem?.severity ?? 'ok'],
          name: this.#name,
          message: problem?.message ?? report.state,
          hardware_id: report.model?.backend ?? '',
          values: diagnosticValues(report).map(([key, value]) => ({ key, value })),
        },
      ],
    });
  }
}
