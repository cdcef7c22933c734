import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { ConfigError } from '../core/errors.js';
import type { YuvRange } from '../core/ports.js';
import { rgbToNv12 } from '../native/core.js';
import { type CameraFrames, type CameraPicture, framesInMemory, nv12Bytes } from './frames.js';

/** How a picture of another shape is fitted: cut at the edges, or whole with black bars. */
export type PictureFit = 'cover' | 'contain';

export interface PictureOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fit: PictureFit;
  readonly yuvRange: YuvRange;
}

const pictureNames = /\.(jpe?g|png)$/i;
const byName = new Intl.Collator('en', { numeric: true }).compare;

/** The JPEG and PNG files of a folder, ordered by name with numbers as numbers. Throws ConfigError `source`. */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new ConfigError('source', `cannot read the folder ${folder}`, { folder }, error);
  });
  const names = entries.filter((entry) => !entry.isDirectory() && pictureNames.test(entry.name));
  if (names.length === 0) {
    throw new ConfigError('source', `no .jpg or .png among the ${entries.length} entries of ${folder}`, {
      folder,
      entries: entries.length,
    });
  }
  return names.map((entry) => entry.name).sort(byName);
}

async function readPicture(path: string, options: PictureOptions): Promise<Uint8Array> {
  const { widthPx, heightPx, fit, yuvRange } = options;
  const rgb = await sharp(path)
    .autoOrient()
    .resize(widthPx, heightPx, { fit, background: 'black' })
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .raw()
    .toBuffer()
    .catch((error: unknown) => {
      throw new ConfigError('source', `cannot decode ${path}`, { path }, error);
    });
  const output = new Uint8Array(nv12Bytes(widthPx, heightPx));
  await rgbToNv12({ rgb, widthPx, heightPx, yuvRange, output });
  return output;
}

/** Reads and converts the pictures of a folder, as many as memory holds. Throws ConfigError `source`. */
export async function readPictureFolder(folder: string, options: PictureOptions): Promise<CameraFrames> {
  const { widthPx, heightPx } = options;
  const names = await listPictures(folder);
  const pictures: CameraPicture[] = [];
  for (const name of names.slice(0, framesInMemory(widthPx, heightPx))) {
    pictures.push({ name, nv12: await readPicture(join(folder, name), options) });
  }
  return { widthPx, heightPx, pictures, available: names.length };
}
