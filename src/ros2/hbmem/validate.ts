import { FrameError } from '../../core/errors.js';
import type { Nv12View, RawFrameHeader } from './surface.js';

/** The field as text: up to the terminator, other than printable bytes escaped. */
function shownEncoding(bytes: string): string {
  return JSON.stringify(bytes.replace(/\0+$/, ''));
}

/**
 * Judges the header of an hbmem frame and says how its data is to be read.
 *
 * `stepBytes` 0 means packed rows. Throws FrameError with the code `encoding`, `size`, `step` or `data_size`.
 */
export function validateHeader(header: RawFrameHeader): Nv12View {
  const { encodingLatin1, widthPx, heightPx, stepBytes, dataSizeBytes, capacityBytes } = header;
  const end = encodingLatin1.indexOf('\0');
  if (end < 0) {
    throw new FrameError(
      'encoding',
      `encoding ${shownEncoding(encodingLatin1)} has no terminator in its ${encodingLatin1.length} bytes`,
      { encoding: encodingLatin1 },
    );
  }
  const encoding = encodingLatin1.slice(0, end);
  if (encoding.toLowerCase() !== 'nv12') {
    throw new FrameError('encoding', `encoding is ${shownEncoding(encoding)}; expected "nv12"`, { encoding });
  }
  if (widthPx < 2 || heightPx < 2 || widthPx % 2 !== 0 || heightPx % 2 !== 0) {
    throw new FrameError('size', `size is ${widthPx} x ${heightPx}; expected even positive pixels`, {
      widthPx,
      heightPx,
    });
  }
  const strideBytes = stepBytes === 0 ? widthPx : stepBytes;
  if (strideBytes < widthPx) {
    throw new FrameError('step', `step is ${stepBytes} bytes; expected 0 or at least the width ${widthPx}`, {
      stepBytes,
      widthPx,
    });
  }
  const neededBytes = (strideBytes * heightPx * 3) / 2;
  if (neededBytes > capacityBytes) {
    throw new FrameError(
      'size',
      `${widthPx} x ${heightPx} with step ${strideBytes} needs ${neededBytes} bytes; the message holds ${capacityBytes}`,
      { widthPx, heightPx, strideBytes, neededBytes, capacityBytes },
    );
  }
  if (dataSizeBytes < neededBytes || dataSizeBytes > capacityBytes) {
    throw new FrameError(
      'data_size',
      `data_size is ${dataSizeBytes}; expected ${neededBytes} (${widthPx} x ${heightPx}, step ${strideBytes}) to ${capacityBytes}`,
      { dataSizeBytes, neededBytes, capacityBytes },
    );
  }
  return { widthPx, heightPx, strideBytes };
}
