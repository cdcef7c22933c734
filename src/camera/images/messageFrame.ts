import type { FrameLease, NativeFrame } from '../../core/frame.js';
import { hbmMessages, hbmTypeOf } from '../../core/hbmMessages.js';
import { closeFrame, readPictureMessage, wrapNv12, wrapPicture } from '../../native/core.js';
import type { Nv12Rows } from './hbmHeader.js';
import { compressedImageType, imageType, judgeOf } from './judge.js';

/** Bytes of the data field of each type of a camera's message; 0 where every message has its own. */
const capacities: ReadonlyMap<string, number> = new Map([
  [imageType, 0],
  [compressedImageType, 0],
  ...hbmMessages.map(({ name, capacityBytes }) => [hbmTypeOf(name), capacityBytes] as const),
]);

/** The types of messages that hold a camera's picture. */
export const pictureTypes: readonly string[] = [...capacities.keys()];

function wrapRows(bytes: Uint8Array, { widthPx, heightPx, strideBytes }: Nv12Rows) {
  const frame = wrapNv12(bytes, {
    widthPx,
    heightPx,
    yStrideBytes: strideBytes,
    uvOffsetBytes: strideBytes * heightPx,
    uvStrideBytes: strideBytes,
  });
  return { frame, widthPx, heightPx };
}

/**
 * A serialised message of a camera as the frame that a subscription would make of it. Its bytes are not copied and must
 * outlive the frame.
 *
 * Throws FrameError as a subscription refuses messages.
 *
 * @param type One of `pictureTypes`.
 * @param frameId Where the message carries none, as HbmMsg.
 */
export function messageAsFrame(
  { type, cdr }: { readonly type: string; readonly cdr: Uint8Array },
  { frameId, sequence }: { readonly frameId: string; readonly sequence: number },
): FrameLease {
  const message = readPictureMessage(cdr, { name: type, capacityBytes: capacities.get(type)! });
  const view = judgeOf(type)(message);
  const { dataOffsetBytes, capacityBytes } = message;
  const bytes = cdr.subarray(dataOffsetBytes, dataOffsetBytes + capacityBytes);
  const wrapped: { frame: NativeFrame; widthPx: number; heightPx: number } =
    view.format === 'nv12' ? wrapRows(bytes, view) : wrapPicture(bytes, view);
  const { frame, widthPx, heightPx } = wrapped;
  return {
    header: {
      stampNs: message.stampNs,
      frameId: message.frameId === '' ? frameId : message.frameId,
      sequence,
      widthPx,
      heightPx,
    },
    format: view.format,
    region: null,
    takenMs: performance.now(),
    loaned: false,
    native: frame,
    close: () => {
      closeFrame(frame);
    },
  };
}
