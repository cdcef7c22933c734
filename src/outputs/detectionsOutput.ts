import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeDetections } from '../messages/detections.js';
import type { OpenTopic, OutputCounters, OutputTopic, ResultOutput } from './output.js';

/** `~/detections`: boxes with class and score. */
export class DetectionsOutput implements ResultOutput {
  readonly #topic: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #writer: CdrWriter;

  constructor(openTopic: OpenTopic, values: () => ParameterValues, writer: CdrWriter) {
    this.#values = values;
    this.#writer = writer;
    this.#topic = openTopic('vision_msgs/msg/Detection2DArray', '~/detections');
  }

  publish(result: FrameResult, { model }: { readonly model: ModelInfo }): void {
    const values = this.#values();
    if (!values['output.detections'] || !this.#topic.isWanted) return;
    const text = { classNames: model.classNames, classIdText: values['output.class_id_text'] };
    this.#topic.publish(writeDetections(this.#writer, result, text));
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }
}
