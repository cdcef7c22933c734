import { type LabelKind, maxByteLabels, paintConfidences, paintLabels } from '../core/labelMap.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from './cdrWriter.js';
import { writeHeader } from './header.js';

/** Which label map is wanted. */
export interface LabelMapOptions {
  readonly kind: LabelKind;
  /** Classes of the model. */
  readonly classCount: number;
}

/**
 * sensor_msgs/Image of source size: 0 is background, other values are class id + 1 or, for instances, the index in
 * the detections + 1. Instances are mono16; classes are mono8 up to 254 of them, else mono16 too.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeLabelMap(
  writer: CdrWriter,
  { header, instances }: Pick<FrameResult, 'header' | 'instances'>,
  { kind, classCount }: LabelMapOptions,
): Uint8Array {
  const { widthPx, heightPx } = header;
  const isWide = kind === 'instance' || classCount > maxByteLabels;
  const strideBytes = isWide ? widthPx * 2 : widthPx;
  writeHeader(writer.begin(), header);
  writer.uint32(heightPx).uint32(widthPx);
  writer.text(isWide ? 'mono16' : 'mono8').uint8(0);
  const bytes = writer.uint32(strideBytes).reserveBytes(strideBytes * heightPx);
  // The bytes of a sequence begin on a multiple of four of the writer's buffer.
  const labels = isWide ? new Uint16Array(bytes.buffer, bytes.byteOffset, widthPx * heightPx) : bytes;
  paintLabels(instances, kind, header, header, labels);
  return writer.borrowMessage();
}

/**
 * sensor_msgs/Image mono8 of source size, the companion of a label map: the score of the instance that each pixel is
 * labelled with, 1 to 255 for a probability of 1; 0 in the background.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeConfidenceMap(
  writer: CdrWriter,
  { header, instances }: Pick<FrameResult, 'header' | 'instances'>,
): Uint8Array {
  const { widthPx, heightPx } = header;
  writeHeader(writer.begin(), header);
  writer.uint32(heightPx).uint32(widthPx).text('mono8').uint8(0);
  const bytes = writer.uint32(widthPx).reserveBytes(widthPx * heightPx);
  paintConfidences(instances, header, header, bytes);
  return writer.borrowMessage();
}
