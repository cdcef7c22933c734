import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult, Instances } from '../core/result.js';
import { type AnnotationStyle, writeAnnotations } from '../messages/annotations.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { overlaySizes } from '../render/layout.js';
import { instanceColours, textColourOn } from '../render/palette.js';
import type { OpenTopic, OutputCounters, OutputTopic, ResultOutput } from './output.js';

const textColours = { black: [0, 0, 0], white: [255, 255, 255] } as const;

/** The colours of the overlay. */
function stylesOf(instances: Instances): AnnotationStyle[] {
  return instanceColours(instances).map((colour) => ({
    colour,
    textColour: textColours[textColourOn(colour)],
  }));
}

/** `~/annotations`: what a viewer draws over the camera's own picture. */
export class AnnotationsOutput implements ResultOutput {
  readonly #topic: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #writer: CdrWriter;

  constructor(openTopic: OpenTopic, values: () => ParameterValues, writer: CdrWriter) {
    this.#values = values;
    this.#writer = writer;
    this.#topic = openTopic('foxglove_msgs/msg/ImageAnnotations', '~/annotations');
  }

  /** Whether annotations would be published at once; they show the outlines of masks. */
  get isWanted(): boolean {
    return this.#values()['output.annotations'] && this.#topic.isWanted;
  }

  publish(result: FrameResult, { model }: { readonly model: ModelInfo }): void {
    if (!this.isWanted) return;
    const { boxLinePx, fontPx } = overlaySizes(result.header.widthPx, result.header.heightPx);
    const options = {
      classNames: model.classNames,
      styles: stylesOf(result.instances),
      linePx: boxLinePx,
      fontPx,
    };
    this.#topic.publish(writeAnnotations(this.#writer, result, options));
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }
}
