import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeConfidenceMap } from '../messages/labelMap.js';
import type { OpenTopic } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

/** `~/confidence_map`: how sure each pixel of `~/label_map` is. */
export class ConfidenceOutput extends SwitchedOutput {
  constructor(openTopic: OpenTopic, means: OutputMeans) {
    super(openTopic('sensor_msgs/msg/Image', '~/confidence_map'), 'output.confidence_map', means);
  }

  protected write(writer: CdrWriter, result: FrameResult): Uint8Array {
    return writeConfidenceMap(writer, result);
  }
}
