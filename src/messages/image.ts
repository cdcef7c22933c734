import type { SizePx } from '../core/geometry.js';
import type { FrameHeader } from '../core/frame.js';
import type { CdrWriter } from './cdrWriter.js';
import { writeHeader } from './header.js';

/** Rows of pixels and what they are called. */
export interface ImageRows extends SizePx {
  readonly encoding: string;
  readonly stepBytes: number;
  readonly bytes: Uint8Array;
}

/** sensor_msgs/Image; returns it borrowed until the writer's next use. */
export function writeImage(
  writer: CdrWriter,
  header: FrameHeader,
  { widthPx, heightPx, encoding, stepBytes, bytes }: ImageRows,
): Uint8Array {
  writeHeader(writer.begin(), header);
  writer.uint32(heightPx).uint32(widthPx).text(encoding).uint8(0);
  return writer.uint32(stepBytes).byteSequence(bytes).borrowMessage();
}

/** sensor_msgs/Image of packed rgb8 rows; returns it borrowed until the writer's next use. */
export function writeRgbImage(
  writer: CdrWriter,
  header: FrameHeader,
  { widthPx, heightPx, rgb }: SizePx & { readonly rgb: Uint8Array },
): Uint8Array {
  const rows = { widthPx, heightPx, encoding: 'rgb8', stepBytes: widthPx * 3, bytes: rgb };
  return writeImage(writer, header, rows);
}

/** sensor_msgs/CompressedImage of a file in this format; returns it borrowed until the writer's next use. */
export function writeCompressedImage(
  writer: CdrWriter,
  header: FrameHeader,
  format: string,
  file: Uint8Array,
): Uint8Array {
  writeHeader(writer.begin(), header);
  return writer.text(format).byteSequence(file).borrowMessage();
}

/** sensor_msgs/CompressedImage of a JPEG file; returns it borrowed until the writer's next use. */
export function writeJpegImage(writer: CdrWriter, header: FrameHeader, jpeg: Uint8Array): Uint8Array {
  // The format text of image_transport's compressed plugin for colour images.
  return writeCompressedImage(writer, header, 'rgb8; jpeg compressed bgr8', jpeg);
}
