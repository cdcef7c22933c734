import type { ParameterValues } from '../config/schema.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeConfidenceMap } from '../messages/labelMap.js';
import type { OpenTopic, OutputCounters, OutputTopic, ResultOutput } from './output.js';

/** `~/confidence_map`: how sure each pixel of `~/label_map` is. */
export class ConfidenceOutput implements ResultOutput {
  readonly #topic: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #writer: CdrWriter;

  constructor(openTopic: OpenTopic, values: () => ParameterValues, writer: CdrWriter) {
    this.#values = values;
    this.#writer = writer;
    this.#topic = openTopic('sensor_msgs/msg/Image', '~/confidence_map');
  }

  publish(result: FrameResult): void {
    if (!this.#values()['output.confidence_map'] || !this.#topic.isWanted) return;
    this.#topic.publish(writeConfidenceMap(this.#writer, result));
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }
}
