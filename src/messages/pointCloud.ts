import { cloudPointBytes, type DepthCloud, type FrameDepths } from '../core/depths.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from './cdrWriter.js';
import { opticalHeader } from './detections3d.js';
import { writeHeader } from './header.js';

/** sensor_msgs/PointField datatypes. */
const [int32, uint32, float32] = [5, 6, 7];

/** As the vendor's extractor names them. */
const pointFields = [
  ['x', float32],
  ['y', float32],
  ['z', float32],
  ['rgb', uint32],
  ['class_id', int32],
  ['instance_id', int32],
  ['confidence', float32],
] as const;

/** sensor_msgs/PointCloud2 of the points of instances; returns it borrowed until the writer's next use. */
export function writePointCloud(
  writer: CdrWriter,
  { header }: Pick<FrameResult, 'header'>,
  depths: FrameDepths,
  { widthPoints, heightPoints, bytes, isDense }: DepthCloud,
): Uint8Array {
  writeHeader(writer.begin(), opticalHeader(header, depths));
  writer.uint32(heightPoints).uint32(widthPoints);
  writer.uint32(pointFields.length);
  pointFields.forEach(([name, datatype], index) => {
    writer
      .text(name)
      .uint32(index * 4)
      .uint8(datatype!)
      .uint32(1);
  });
  // is_bigendian
  writer.uint8(0);
  writer.uint32(cloudPointBytes).uint32(widthPoints * cloudPointBytes);
  return writer
    .byteSequence(bytes)
    .uint8(isDense ? 1 : 0)
    .borrowMessage();
}
