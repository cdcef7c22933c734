import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import { type AnnotationStyle, writeAnnotations } from '../messages/annotations.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { overlaySizes } from '../render/layout.js';
import { instanceColours, textColourOn } from '../render/palette.js';
import type { OpenTopic } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

const textColours = { black: [0, 0, 0], white: [255, 255, 255] } as const;

/** The colours of the overlay. */
function stylesOf({ instances, tracks }: FrameResult): AnnotationStyle[] {
  return instanceColours(instances, tracks).map((colour) => ({
    colour,
    textColour: textColours[textColourOn(colour)],
  }));
}

/** `~/annotations`: what a viewer draws over the camera's own picture, the outlines of masks among it. */
export class AnnotationsOutput extends SwitchedOutput {
  constructor(openTopic: OpenTopic, means: OutputMeans) {
    super(openTopic('foxglove_msgs/msg/ImageAnnotations', '~/annotations'), 'output.annotations', means);
  }

  protected write(writer: CdrWriter, result: FrameResult, { classNames }: ModelInfo): Uint8Array {
    const { boxLinePx: linePx, fontPx } = overlaySizes(result.header.widthPx, result.header.heightPx);
    return writeAnnotations(writer, result, {
      classNames,
      styles: stylesOf(result),
      linePx,
      fontPx,
    });
  }
}
