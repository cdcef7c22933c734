import sharp from 'sharp';
import { closeFrame, rgbToNv12, wrapNv12 } from '#dist/native/core.js';

/** @typedef {{ widthPx: number, heightPx: number, bytes: Uint8Array }} Nv12Picture packed NV12 */

/**
 * @param {string} path
 * @returns {Promise<Nv12Picture>}
 */
export async function loadNv12Picture(path) {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width: widthPx, height: heightPx } = info;
  const bytes = new Uint8Array((widthPx * heightPx * 3) / 2);
  await rgbToNv12({ rgb: new Uint8Array(data), widthPx, heightPx, yuvRange: 'full', output: bytes });
  return { widthPx, heightPx, bytes };
}

/** @param {Nv12Picture} picture */
export function wrapPicture({ widthPx, heightPx, bytes }) {
  const strides = { yStrideBytes: widthPx, uvStrideBytes: widthPx };
  return wrapNv12(bytes, { widthPx, heightPx, ...strides, uvOffsetBytes: widthPx * heightPx });
}

/**
 * A frame of the picture as it is taken at this moment.
 *
 * @param {Nv12Picture} picture
 * @param {number} sequence
 * @param {() => void} [onClosed]
 * @returns {import('#dist/core/frame.js').FrameLease}
 */
export function frameOf(picture, sequence, onClosed = () => {}) {
  const native = wrapPicture(picture);
  const { widthPx, heightPx } = picture;
  const stampNs = BigInt(Date.now()) * 1_000_000n;
  return {
    header: { stampNs, frameId: 'bench', sequence, widthPx, heightPx },
    format: 'nv12',
    region: null,
    takenMs: performance.now(),
    loaned: false,
    native,
    close() {
      closeFrame(native);
      onClosed();
    },
  };
}
