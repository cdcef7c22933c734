import type { FrameLease } from '../core/frame.js';
import { closeFrame, packedLayout, wrapNv12 } from '../native/core.js';
import type { SizedPicture } from './frames.js';

/** A picture in memory as a frame of a camera, without a copy; the picture must outlive it. */
export function pictureAsFrame({ widthPx, heightPx, nv12 }: SizedPicture, sequence: number): FrameLease {
  const native = wrapNv12(nv12, packedLayout(widthPx, heightPx));
  return {
    header: { stampNs: 0n, frameId: '', sequence, widthPx, heightPx },
    format: 'nv12',
    region: null,
    takenMs: performance.now(),
    loaned: false,
    native,
    close: () => {
      closeFrame(native);
    },
  };
}
