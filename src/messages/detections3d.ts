import { isLocated, type FrameDepths } from '../core/depths.js';
import type { FrameHeader } from '../core/frame.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from './cdrWriter.js';
import { type ClassTextOptions, classText } from './classText.js';
import { writeHeader } from './header.js';
import { instanceId } from './instanceId.js';

/** Values of a covariance. */
const covarianceValues = 36;

function writePoint(writer: CdrWriter, valuesM: Float32Array, index: number): void {
  for (let axis = 0; axis < 3; axis++) writer.float64(valuesM[index * 3 + axis]!);
}

function writeNoTurn(writer: CdrWriter): void {
  writer.float64(0).float64(0).float64(0).float64(1);
}

/** The header of what is told in the optical frame of the depth picture, at the time of the camera's picture. */
export function opticalHeader({ stampNs }: FrameHeader, { frameId }: FrameDepths) {
  return { stampNs, frameId };
}

/**
 * vision_msgs/Detection3DArray: the instances that have a place, in the order and with the ids of the 2D detections. The pose of
 * the hypothesis is the mean of the points, the box is around them and not turned.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeDetections3d(
  writer: CdrWriter,
  { header, instances, tracks }: Pick<FrameResult, 'header' | 'instances' | 'tracks'>,
  depths: FrameDepths,
  options: ClassTextOptions,
): Uint8Array {
  const { count, scores, classIds } = instances;
  const placeHeader = opticalHeader(header, depths);
  const indices = Array.from({ length: count }, (_, index) => index).filter((index) =>
    isLocated(depths, index),
  );
  writeHeader(writer.begin(), placeHeader);
  writer.uint32(indices.length);
  for (const index of indices) {
    writeHeader(writer, placeHeader);
    writer.uint32(1);
    writer.text(classText(classIds[index]!, options)).float64(scores[index]!);
    writePoint(writer, depths.positionsM, index);
    writeNoTurn(writer);
    for (let value = 0; value < covarianceValues; value++) writer.float64(0);
    writePoint(writer, depths.boxCentresM, index);
    writeNoTurn(writer);
    writePoint(writer, depths.extentsM, index);
    writer.text(instanceId(header, tracks, index));
  }
  return writer.borrowMessage();
}
