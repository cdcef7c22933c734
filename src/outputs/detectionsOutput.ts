import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeDetections } from '../messages/detections.js';
import type { OpenTopic } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

/** `~/detections`: boxes with class and score. */
export class DetectionsOutput extends SwitchedOutput {
  constructor(openTopic: OpenTopic, means: OutputMeans) {
    super(openTopic('vision_msgs/msg/Detection2DArray', '~/detections'), 'output.detections', means);
  }

  protected write(
    writer: CdrWriter,
    result: FrameResult,
    { classNames }: ModelInfo,
    { 'output.class_id_text': classIdText }: ParameterValues,
  ): Uint8Array {
    return writeDetections(writer, result, { classNames, classIdText });
  }
}
