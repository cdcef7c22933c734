import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeMasks } from '../messages/masks.js';
import type { OpenTopic, OutputCounters, OutputTopic, ResultOutput } from './output.js';

/** `~/masks`: one mask per instance, with its outlines where they are wanted. */
export class MasksOutput implements ResultOutput {
  readonly #topic: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #writer: CdrWriter;

  constructor(openTopic: OpenTopic, values: () => ParameterValues, writer: CdrWriter) {
    this.#values = values;
    this.#writer = writer;
    this.#topic = openTopic('rdk_yolo_seg_msgs/msg/InstanceMaskArray', '~/masks');
  }

  /** Whether masks with their contours would be published at once. */
  get contoursWanted(): boolean {
    return this.#values()['output.mask_contours'] && this.#isWanted;
  }

  publish(result: FrameResult, { model }: { readonly model: ModelInfo }): void {
    if (!this.#isWanted) return;
    const values = this.#values();
    const options = {
      classNames: model.classNames,
      classIdText: values['output.class_id_text'],
      encoding: values['output.mask_encoding'],
      contours: values['output.mask_contours'],
    };
    this.#topic.publish(writeMasks(this.#writer, result, options));
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }

  get #isWanted(): boolean {
    return this.#values()['output.masks'] && this.#topic.isWanted;
  }
}
