import { FrameError } from '../../core/errors.js';
import type { Nv12View, RawFrameHeader } from '../../native/hbmem.js';
import { adviceForEncoding } from './cameraAdvice.js';
import { resolveStrideBytes } from './rows.js';

/** The most that the addon takes. */
const maxEdgePx = 32_768;
const maxStepBytes = 32_768;

/** The field in quotes, without the zeros at its end; bytes that are not printable ASCII are escaped. */
function shownEncoding(latin1: string): string {
  const escaped = (byte: string) => `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(latin1.replace(/\0+$/, '')).replace(/[^ -~]/g, escaped);
}

function checkEncoding(latin1: string): void {
  const end = latin1.indexOf('\0');
  if (end < 0) {
    throw new FrameError(
      'encoding',
      `encoding ${shownEncoding(latin1)} has no terminator in its ${latin1.length} bytes`,
      { encoding: latin1 },
    );
  }
  const encoding = latin1.slice(0, end);
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
  const isEdge = (px: number) => px >= 2 && px % 2 === 0 && px <= maxEdgePx;
  if (!isEdge(widthPx) || !isEdge(heightPx)) {
    const expected = `even positive pixels, at most ${maxEdgePx}`;
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
  if (toldBytes > maxStepBytes) {
    throw new FrameError('step', `step is ${stepBytes} bytes; expected at most ${maxStepBytes}`, {
      stepBytes,
    });
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
  return { widthPx, heightPx, strideBytes: resolveStrideBytes(header, toldBytes) };
}
