import type { ParameterValues } from '../../config/schema.js';
import type { SizePx } from '../../core/geometry.js';
import type { ModelInfo } from '../../core/ports.js';
import type { FrameResult } from '../../core/result.js';
import type { CdrWriter } from '../../messages/cdrWriter.js';
import { writePerceptionInfo } from '../../messages/perceptionInfo.js';
import type { RosClock } from '../rcl/rosClock.js';
import type { OpenTopic, OutputCounters, OutputTopic } from '../../outputs/output.js';
import type { OutputMeans } from '../../outputs/switchedOutput.js';
import type { Output } from './output.js';

const periodMs = 1000;

/** `hobot_dnn_detection_info`: names and size, once a second, as nodes of TROS wait for them before they read a result. */
export class PerceptionInfoOutput implements Output {
  readonly #topic: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #frameId: () => string;
  readonly #writer: CdrWriter;
  readonly #clock: RosClock;
  readonly #timer: NodeJS.Timeout;
  #classNames: readonly string[] = [];
  /** Of the last picture; of none before the first. */
  #size: SizePx = { widthPx: 0, heightPx: 0 };

  constructor(openTopic: OpenTopic, { values, frameId, writer }: OutputMeans, clock: RosClock) {
    this.#values = values;
    this.#frameId = frameId;
    this.#writer = writer;
    this.#clock = clock;
    this.#topic = openTopic('ai_msgs/msg/PerceptionInfo', 'hobot_dnn_detection_info');
    this.#timer = setInterval(() => this.#publish(), periodMs);
  }

  announce({ classNames }: ModelInfo): void {
    this.#classNames = classNames;
  }

  publish({ header }: Pick<FrameResult, 'header'>): void {
    this.#size = header;
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #publish(): void {
    if (!this.#values()['output.perception_targets'] || !this.#topic.isWanted) return;
    const header = { stampNs: this.#clock.nowNs() ?? 0n, frameId: this.#frameId() };
    this.#topic.publish(writePerceptionInfo(this.#writer, header, this.#size, this.#classNames));
  }
}
