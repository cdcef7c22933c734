import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeDetections3d } from '../messages/detections3d.js';
import type { OpenTopic } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

/** `~/detections3d`: boxes in space. A frame without a depth picture has no message: nothing is known of it. */
export class Detections3dOutput extends SwitchedOutput {
  constructor(openTopic: OpenTopic, means: OutputMeans) {
    super(openTopic('vision_msgs/msg/Detection3DArray', '~/detections3d'), 'output.detections3d', means);
  }

  protected write(
    writer: CdrWriter,
    result: FrameResult,
    { classNames }: ModelInfo,
    { 'output.class_id_text': classIdText }: ParameterValues,
  ): Uint8Array | null {
    const { depths } = result;
    return depths === null ? null : writeDetections3d(writer, result, depths, { classNames, classIdText });
  }
}
