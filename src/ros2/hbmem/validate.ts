import { FrameError } from '../../core/errors.js';
import type { Nv12View, RawFrameHeader } from '../../native/hbmem.js';
import { adviceForEncoding } from './cameraAdvice.js';
import { readRows } from './rows.js';

/** Longest edge and step that the addon takes. */
const maxEdge = 32_768;

/** The field as text: up to the terminator, other than printable bytes escaped. */
function shownEncoding(bytes: string): string {
  return JSON.stringify(bytes.replace(/\0+$/, ''));
}

function checkEncoding(bytes: string): void {
  const end = bytes.indexOf('\0');
  if (end < 0) {
    throw new FrameError(
      'encoding',
      `encoding ${shownEncoding(bytes)} has no terminator in its ${bytes.length} bytes`,
      { encoding: bytes },
    );
  }
  const encoding = bytes.slice(0, end);
  if (encoding.toLowerCase() === 'nv12') return;
  const advice = adviceForEncoding(encoding);
  throw new FrameError(
    'encoding',
    `encoding is ${shownEncoding(encoding)}; expected "nv12"${advice === null ? '' : `: ${advice}`}`,
    { encoding },
  );
}

/**
 * Judges the header of an hbmem frame and says how its data is to be read.
 *
 * Throws FrameError with the code `encoding`, `size`, `step` or `data_size`.
 */
export function validateHeader(header: RawFrameHeader): Nv12View {
  const { encodingLatin1, widthPx, heightPx, stepBytes, dataSizeBytes, capacityBytes } = header;
  checkEncoding(encodingLatin1);
  const isEdge = (px: number) => px >= 2 && px % 2 === 0 && px <= maxEdge;
  if (!isEdge(widthPx) || !isEdge(heightPx)) {
    const expected = `even positive pixels, at most ${maxEdge}`;
    throw new FrameError('size', `size is ${widthPx} x ${heightPx}; expected ${expected}`, {
      widthPx,
      heightPx,
    });
  }
  const toldBytes = stepBytes === 0 ? widthPx : stepBytes;
  if (toldBytes < widthPx) {
    throw new FrameError('step', `step is ${stepBytes} bytes; expected 0 or at least the width ${widthPx}`, {
      stepBytes,
      widthPx,
    });
  }
  if (toldBytes > maxEdge) {
    throw new FrameError('step', `step is ${stepBytes} bytes; expected at most ${maxEdge}`, { stepBytes });
  }
  const neededBytes = (toldBytes * heightPx * 3) / 2;
  if (neededBytes > capacityBytes) {
    throw new FrameError(
      'size',
      `${widthPx} x ${heightPx} with step ${toldBytes} needs ${neededBytes} bytes; the message holds ${capacityBytes}`,
      { widthPx, heightPx, strideBytes: toldBytes, neededBytes, capacityBytes },
    );
  }
  if (dataSizeBytes < neededBytes || dataSizeBytes > capacityBytes) {
    throw new FrameError(
      'data_size',
      `data_size is ${dataSizeBytes}; expected ${neededBytes} (${widthPx} x ${heightPx}, step ${toldBytes}) to ${capacityBytes}`,
      { dataSizeBytes, neededBytes, capacityBytes },
    );
  }
  return { widthPx, heightPx, strideBytes: readRows(header, toldBytes) };
}
