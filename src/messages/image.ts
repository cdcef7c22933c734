import type { SizePx } from '../core/geometry.js';
import type { FrameHeader } from '../core/frame.js';
import type { CdrWriter } from './cdrWriter.js';
import { writeHeader } from './header.js';

/** sensor_msgs/Image of packed rgb8 rows; returns it borrowed until the writer's next use. */
export function writeRgbImage(
  writer: CdrWriter,
  header: FrameHeader,
  image: SizePx & { readonly rgb: Uint8Array },
): Uint8Array {
  writeHeader(writer.begin(), header);
  writer.uint32(image.heightPx).uint32(image.widthPx).text('rgb8').uint8(0);
  return writer
    .uint32(image.widthPx * 3)
    .byteSequence(image.rgb)
    .borrowMessage();
}

/** sensor_msgs/CompressedImage of a JPEG file; returns it borrowed until the writer's next use. */
export function writeJpegImage(writer: CdrWriter, header: FrameHeader, jpeg: Uint8Array): Uint8Array {
  writeHeader(writer.begin(), header);
  // The format text of image_transport's compressed plugin for colour images.
  return writer.text('rgb8; jpeg compressed bgr8').byteSequence(jpeg).borrowMessage();
}
