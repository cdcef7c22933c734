import {
  type LabelKind,
  maxByteLabels,
  paintConfidences,
  paintLabels,
  paintTracks,
} from '../core/labelMap.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from './cdrWriter.js';
import { writeHeader } from './header.js';

/** Which label map is wanted. */
export interface LabelMapOptions {
  readonly kind: LabelKind;
  /** Classes of the model. */
  readonly classCount: number;
}

/** Names of sensor_msgs, by the bytes of a pixel. */
const encodings = { 1: 'mono8', 2: 'mono16', 4: '32SC1' } as const;

/**
 * sensor_msgs/Image of source size: 0 is background, other values are class id + 1 or, for instances, the index in
 * the detections + 1. Instances are mono16; classes are mono8 up to 254 of them, else mono16 too. Tracks are 32SC1, as their ids
 * go beyond 65,535: the id of the track, or for an instance without one the negative of its index + 1.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeLabelMap(
  writer: CdrWriter,
  { header, instances, tracks }: Pick<FrameResult, 'header' | 'instances' | 'tracks'>,
  { kind, classCount }: LabelMapOptions,
): Uint8Array {
  const { widthPx, heightPx } = header;
  const isWide = kind === 'instance' || classCount > maxByteLabels;
  const bytesPerPixel = kind === 'track' ? 4 : isWide ? 2 : 1;
  const strideBytes = widthPx * bytesPerPixel;
  writeHeader(writer.begin(), header);
  writer.uint32(heightPx).uint32(widthPx);
  writer.text(encodings[bytesPerPixel]).uint8(0);
  const bytes = writer.uint32(strideBytes).reserveBytes(strideBytes * heightPx);
  // The bytes of a sequence begin on a multiple of four of the writer's buffer.
  const place = [bytes.buffer, bytes.byteOffset, widthPx * heightPx] as const;
  if (kind === 'track') paintTracks(instances, tracks, header, header, new Int32Array(...place));
  else paintLabels(instances, kind, header, header, isWide ? new Uint16Array(...place) : bytes);
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
