/** What models are shown: pictures out of code, so that no file is needed, and the bundled scenes where they lie. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SizedPicture } from '../camera/frames.js';
import { readWholePicture } from '../camera/pictureFolder.js';
import { readPictureNames } from '../camera/pictureNames.js';
import { bundledScenes } from '../camera/bundledScenes.js';
import type { SizePx } from '../core/geometry.js';
import type { YuvRange } from '../core/ports.js';

/** One grey in the model's own size, which no letterbox changes. */
export function greyPicture({ widthPx, heightPx }: SizePx, luma: number): SizedPicture {
  const lumaBytes = widthPx * heightPx;
  const nv12 = new Uint8Array(lumaBytes * 1.5).fill(128).fill(luma, 0, lumaBytes);
  return { name: `grey ${luma}`, widthPx, heightPx, nv12 };
}

const patchPx = 16;

/** Patches of brightness and colour in the model's own size; another seed, other patches. */
export function patchworkPicture({ widthPx, heightPx }: SizePx, seed: number): SizedPicture {
  const picture = greyPicture({ widthPx, heightPx }, 0);
  const rows = heightPx * 1.5;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < widthPx; x++) {
      // The second half of a product's bits depends on all of both.
      const patch = (Math.floor(y / patchPx) * 131 + Math.floor(x / patchPx) + 1) * (seed + 1);
      picture.nv12[y * widthPx + x] = Math.imul(patch, 0x9e3779b1) >>> 24;
    }
  }
  return { ...picture, name: `patchwork ${seed}` };
}

/** Two of the bundled scenes; null where they are not installed. */
export async function readTwoScenes(yuvRange: YuvRange): Promise<[SizedPicture, SizedPicture] | null> {
  if (!existsSync(bundledScenes)) return null;
  const { names } = await readPictureNames(bundledScenes);
  const read = (name: string) => readWholePicture(join(bundledScenes, name), yuvRange);
  const [first, other] = names;
  if (first === undefined || other === undefined) return null;
  return [await read(first), await read(other)];
}
