import { FrameError } from '../../core/errors.js';
import type { PictureFields, PictureView } from '../../core/frame.js';
import { limits } from '../../core/limits.js';
import { compressedFormatOf, packedEncodingOf } from './encodings.js';
import { type Nv12Rows, validateHeader, validateNv12 } from './hbmHeader.js';

/** Rows of pixels. */
export const imageType = 'sensor_msgs/msg/Image';
/** A JPEG or PNG. */
export const compressedImageType = 'sensor_msgs/msg/CompressedImage';

/** Says how the data of a message is to be read; throws FrameError where its fields contradict each other. */
export type PictureJudge = (fields: PictureFields) => Nv12Rows | PictureView;

/** What judges messages of a camera's type: one of sensor_msgs, or else an HbmMsg of any size. */
export function judgeOf(type: string): PictureJudge {
  if (type === imageType) return judgeImage;
  return type === compressedImageType ? judgeCompressedImage : validateHeader;
}

/**
 * Judges a sensor_msgs/Image and says how its data is to be read.
 *
 * A step of 0 means rows without gaps. Throws FrameError with the code `encoding`, `size`, `step` or `data_size`.
 */
function judgeImage(header: PictureFields): Nv12Rows | PictureView {
  const { encodingLatin1, widthPx, heightPx, stepBytes, dataSizeBytes } = header;
  if (encodingLatin1.toLowerCase() === 'nv12') return validateNv12(header);
  const { format, groupPx, groupBytes } = packedEncodingOf(encodingLatin1);
  const isEdge = (px: number) => px >= 1 && px <= limits.sidePx;
  if (!isEdge(widthPx) || !isEdge(heightPx)) {
    throw new FrameError('size', `size is ${widthPx} x ${heightPx}; expected 1 to ${limits.sidePx} pixels`, {
      widthPx,
      heightPx,
    });
  }
  const rowBytes = Math.ceil(widthPx / groupPx) * groupBytes;
  const strideBytes = stepBytes === 0 ? rowBytes : stepBytes;
  if (strideBytes < rowBytes || strideBytes > 4 * limits.sidePx) {
    throw new FrameError(
      'step',
      `step is ${stepBytes} bytes; expected 0 or ${rowBytes} (${widthPx} px of ${format}) to ${4 * limits.sidePx}`,
      { stepBytes, rowBytes },
    );
  }
  const neededBytes = strideBytes * heightPx;
  if (dataSizeBytes < neededBytes) {
    throw new FrameError(
      'data_size',
      `data has ${dataSizeBytes} bytes; ${widthPx} x ${heightPx} with step ${strideBytes} needs ${neededBytes}`,
      { dataSizeBytes, neededBytes },
    );
  }
  return { format, widthPx, heightPx, strideBytes };
}

/** Judges a sensor_msgs/CompressedImage; its size is in its data. Throws FrameError `encoding`. */
function judgeCompressedImage({ encodingLatin1, dataSizeBytes }: PictureFields): PictureView {
  return { format: compressedFormatOf(encodingLatin1), sizeBytes: dataSizeBytes };
}
