import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writePointCloud } from '../messages/pointCloud.js';
import type { OpenTopic } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

/** `~/points`: the points of all instances. A frame without a depth picture has no message. */
export class PointsOutput extends SwitchedOutput {
  constructor(openTopic: OpenTopic, means: OutputMeans) {
    super(openTopic('sensor_msgs/msg/PointCloud2', '~/points'), 'output.points', means);
  }

  protected write(writer: CdrWriter, result: FrameResult): Uint8Array | null {
    const cloud = result.depths?.cloud ?? null;
    return cloud === null ? null : writePointCloud(writer, result, result.depths!, cloud);
  }
}
