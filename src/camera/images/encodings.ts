import { FrameError } from '../../core/errors.js';
import type { CompressedFormat, PackedFormat } from '../../core/frame.js';
import { shownText } from './shownText.js';

/** A packed format with the bytes of a group of pixels, the least that rows consist of. */
export interface PackedEncoding {
  readonly format: PackedFormat;
  readonly groupPx: number;
  readonly groupBytes: number;
}

const packed = (format: PackedFormat, groupBytes: number, groupPx = 1): PackedEncoding => ({
  format,
  groupPx,
  groupBytes,
});

/** By the names of sensor_msgs/image_encodings, old ones included. */
const packedEncodings: ReadonlyMap<string, PackedEncoding> = new Map([
  ['rgb8', packed('rgb8', 3)],
  ['bgr8', packed('bgr8', 3)],
  ['rgba8', packed('rgba8', 4)],
  ['bgra8', packed('bgra8', 4)],
  ['mono8', packed('mono8', 1)],
  ['8UC1', packed('mono8', 1)],
  ['yuv422', packed('uyvy', 4, 2)],
  ['uyvy', packed('uyvy', 4, 2)],
  ['yuv422_yuy2', packed('yuyv', 4, 2)],
  ['yuyv', packed('yuyv', 4, 2)],
]);

const expectedEncodings = 'nv12, bgr8, rgb8, bgra8, rgba8, mono8, yuv422_yuy2 or uyvy';

/** Why an encoding is none of these, where that is known. */
function explain(encoding: string): string {
  if (/^8UC[34]$/.test(encoding))
    return ': it does not say whether red or blue comes first, so have the publisher say bgr8 or rgb8';
  if (/^(bayer_|.*16|32F|16U)/.test(encoding))
    return ': bayer, depth and 16-bit pictures are no camera colours';
  return '';
}

/** Format of an Image's rows, `nv12` apart. Throws FrameError `encoding`. */
export function packedEncodingOf(encoding: string): PackedEncoding {
  const known = packedEncodings.get(encoding);
  if (known !== undefined) return known;
  throw new FrameError(
    'encoding',
    `encoding is ${shownText(encoding)}; expected ${expectedEncodings}${explain(encoding)}`,
    { encoding },
  );
}

/**
 * The codec of a CompressedImage: `jpeg`, `png`, or a text that names the original encoding, too, as
 * `bgr8; jpeg compressed bgr8`. Throws FrameError `encoding`.
 */
export function compressedFormatOf(format: string): CompressedFormat {
  const words = new Set(format.toLowerCase().match(/[a-z0-9]+/g));
  const isJpeg = words.has('jpeg') || words.has('jpg');
  if (isJpeg !== words.has('png') && !words.has('compresseddepth')) return isJpeg ? 'jpeg' : 'png';
  throw new FrameError(
    'encoding',
    `format is ${shownText(format)}; expected jpeg or png, or a text with one of them, as "bgr8; jpeg compressed bgr8"`,
    { format },
  );
}
