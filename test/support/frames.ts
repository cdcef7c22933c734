import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { FrameLease } from '#dist/core/frame.js';
import { closeFrame, rgbToNv12, wrapNv12 } from '#dist/native/core.js';

/** A packed NV12 picture in memory. */
export interface Nv12Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8Array;
}

/** A lease that counts its closings. */
export interface CountedLease extends FrameLease {
  readonly closedCount: number;
}

export function repoPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Decodes a picture file; an odd last row or column is cut off. */
export async function loadPicture(path: string): Promise<Nv12Picture> {
  const { width, height } = await sharp(path).metadata();
  const widthPx = width - (width % 2);
  const heightPx = height - (height % 2);
  const rgb = await sharp(path)
    .removeAlpha()
    .extract({ left: 0, top: 0, width: widthPx, height: heightPx })
    .raw()
    .toBuffer();
  const bytes = new Uint8Array((widthPx * heightPx * 3) / 2);
  await rgbToNv12({ rgb: new Uint8Array(rgb), widthPx, heightPx, yuvRange: 'full', output: bytes });
  return { widthPx, heightPx, bytes };
}

/** A frame of one colour. */
export function plainPicture(widthPx: number, heightPx: number, value = 114): Nv12Picture {
  const bytes = new Uint8Array((widthPx * heightPx * 3) / 2).fill(128);
  bytes.fill(value, 0, widthPx * heightPx);
  return { widthPx, heightPx, bytes };
}

/** A lease of the picture as a frame of a camera; the bytes are not copied. */
export function leaseOf(picture: Nv12Picture, sequence = 0): CountedLease {
  const { widthPx, heightPx, bytes } = picture;
  const native = wrapNv12(bytes, {
    widthPx,
    heightPx,
    yStrideBytes: widthPx,
    uvOffsetBytes: widthPx * heightPx,
    uvStrideBytes: widthPx,
  });
  let closedCount = 0;
  return {
    header: { stampNs: BigInt(sequence) * 33_000_000n, frameId: 'camera', sequence, widthPx, heightPx },
    format: 'nv12',
    region: null,
    takenMs: performance.now(),
    loaned: false,
    native,
    get closedCount() {
      return closedCount;
    },
    close() {
      closedCount++;
      if (closedCount === 1) closeFrame(native);
    },
  };
}
