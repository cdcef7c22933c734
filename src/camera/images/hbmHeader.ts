import { FrameError } from '../../core/errors.js';
import type { PictureFields, PictureView } from '../../core/frame.js';
import { limits } from '../../core/limits.js';
import type { Nv12View } from '../../native/hbmem.js';
import { shownText } from './shownText.js';
import { adviceForEncoding, isJpeg } from './cameraAdvice.js';
import { resolveStrideBytes } from './rows.js';

/** NV12 with rows of one stride in both planes. */
export interface Nv12Rows extends Nv12View {
  readonly format: 'nv12';
}

function encodingOf(latin1: string): string {
  const end = latin1.indexOf('\0');
  if (end >= 0) return latin1.slice(0, end);
  throw new FrameError(
    'encoding',
    `encoding ${shownText(latin1)} has no terminator in its ${latin1.length} bytes`,
    { encoding: latin1 },
  );
}

/**
 * Judges the header of an HbmMsg and says how its data is to be read: as NV12, or as a JPEG of `data_size` bytes.
 *
 * Throws FrameError with the code `encoding`, `size`, `step` or `data_size`.
 */
export function validateHeader(header: PictureFields): Nv12Rows | PictureView {
  const { encodingLatin1, dataSizeBytes, capacityBytes } = header;
  const encoding = encodingOf(encodingLatin1);
  if (encoding.toLowerCase() === 'nv12') return validateNv12(header);
  if (isJpeg(encoding)) {
    if (dataSizeBytes >= 1 && dataSizeBytes <= capacityBytes)
      return { format: 'jpeg', sizeBytes: dataSizeBytes };
    throw new FrameError(
      'data_size',
      `data_size of the JPEG is ${dataSizeBytes}; expected 1 to ${capacityBytes}`,
      { dataSizeBytes, capacityBytes },
    );
  }
  const advice = adviceForEncoding(encoding);
  throw new FrameError(
    'encoding',
    `encoding is ${shownText(encoding)}; expected "nv12" or "jpeg"${advice === null ? '' : `: ${advice}`}`,
    { encoding },
  );
}

/** Judges size, step and data of NV12, whatever message it came in. Throws FrameError `size`, `step` or `data_size`. */
export function validateNv12(header: PictureFields): Nv12Rows {
  const { widthPx, heightPx, stepBytes, dataSizeBytes, capacityBytes } = header;
  const isEdge = (px: number) => px >= 2 && px % 2 === 0 && px <= limits.sidePx;
  if (!isEdge(widthPx) || !isEdge(heightPx)) {
    const expected = `even positive pixels, at most ${limits.sidePx}`;
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
  if (toldBytes > limits.nv12StepBytes) {
    throw new FrameError('step', `step is ${stepBytes} bytes; expected at most ${limits.nv12StepBytes}`, {
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
  return { format: 'nv12', widthPx, heightPx, strideBytes: resolveStrideBytes(header, toldBytes) };
}
