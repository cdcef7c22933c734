/** What models are shown: pictures of one grey, and the bundled scenes. */
import { join } from 'node:path';
import type { SizedPicture } from '../camera/frames.js';
import { readWholePicture } from '../camera/pictureFolder.js';
import { readPictureNames } from '../camera/pictureNames.js';
import { bundledScenes } from '../camera/source.js';
import type { SizePx } from '../core/geometry.js';
import type { YuvRange } from '../core/ports.js';

/** One grey in the model's own size, which no letterbox changes. */
export function greyPicture({ widthPx, heightPx }: SizePx, luma: number): SizedPicture {
  const lumaBytes = widthPx * heightPx;
  const nv12 = new Uint8Array(lumaBytes * 1.5).fill(128).fill(luma, 0, lumaBytes);
  return { name: `grey ${luma}`, widthPx, heightPx, nv12 };
}

/** The first of the bundled scenes. */
export async function readScenes(count: number, yuvRange: YuvRange): Promise<SizedPicture[]> {
  const { names } = await readPictureNames(bundledScenes);
  return Promise.all(
    names.slice(0, count).map((name) => readWholePicture(join(bundledScenes, name), yuvRange)),
  );
}
