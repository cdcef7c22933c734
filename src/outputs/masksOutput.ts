import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeMasks } from '../messages/masks.js';
import type { OpenTopic } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

/** `~/masks`: one mask per instance, with its outlines where they are wanted. */
export class MasksOutput extends SwitchedOutput {
  constructor(openTopic: OpenTopic, means: OutputMeans) {
    super(openTopic('rdk_yolo_seg_msgs/msg/InstanceMaskArray', '~/masks'), 'output.masks', means);
  }

  /** Whether masks with their contours would be published at once. */
  get contoursWanted(): boolean {
    return this.values['output.mask_contours'] && this.isWanted;
  }

  protected write(
    writer: CdrWriter,
    result: FrameResult,
    { classNames }: ModelInfo,
    values: ParameterValues,
  ): Uint8Array {
    return writeMasks(writer, result, {
      classNames,
      classIdText: values['output.class_id_text'],
      encoding: values['output.mask_encoding'],
      contours: values['output.mask_contours'],
    });
  }
}
