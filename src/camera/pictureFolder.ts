import { basename, join } from 'node:path';
import { ConfigError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import type { YuvRange } from '../core/ports.js';
import { rgbToNv12 } from '../native/core.js';
import {
  type CameraFrames,
  type CameraPicture,
  framesInMemory,
  nv12Bytes,
  type SizedPicture,
} from './frames.js';
import { readPictureFile } from './pictureFile.js';
import { cannotDecode, metadataWithinLimits } from './pictureLimit.js';
import { readPictureNames } from './pictureNames.js';
import { type Metadata, sharp, type Sharp } from '../files/stillPictures.js';

/** How a picture of another shape is fitted: whole with black bars, or cut at the edges. */
export const pictureFits = ['contain', 'cover'] as const;

/** One of them. */
export type PictureFit = (typeof pictureFits)[number];

/** How pictures of any size become frames of one. */
export interface PictureOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fit: PictureFit;
  readonly yuvRange: YuvRange;
}

/** The names of a folder's pictures, ordered with numbers as numbers. Throws ConfigError `source`. */
export async function listPictures(folder: string): Promise<readonly string[]> {
  return (await readPictureNames(folder)).names;
}

/** The pixels of a picture that has this size by now. */
async function toNv12(
  picture: Sharp,
  path: string,
  options: Omit<PictureOptions, 'fit'>,
): Promise<Uint8Array> {
  const { widthPx, heightPx, yuvRange } = options;
  const rgb = await picture
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .raw()
    .toBuffer()
    .catch((error: unknown) => {
      throw cannotDecode(path, error);
    });
  const output = new Uint8Array(nv12Bytes(widthPx, heightPx));
  await rgbToNv12({ rgb, widthPx, heightPx, yuvRange, output });
  return output;
}

async function readPicture(path: string, options: PictureOptions): Promise<Uint8Array> {
  const file = await readPictureFile(path);
  await metadataWithinLimits(file, path);
  const { widthPx, heightPx, fit } = options;
  const fitted = sharp(file).autoOrient().resize(widthPx, heightPx, { fit, background: 'black' });
  return toNv12(fitted, path, options);
}

/** Throws ConfigError `source` where nothing is left. */
function wholeSizeOf({ autoOrient }: Metadata, path: string): SizePx {
  const { width, height } = autoOrient;
  if (Math.min(width, height) < 2) {
    const what = `${path} is ${width} x ${height} pixels; expected at least 2 x 2`;
    throw new ConfigError('source', what, { path, widthPx: width, heightPx: height });
  }
  const even = (sidePx: number) => sidePx - (sidePx % 2);
  return { widthPx: even(width), heightPx: even(height) };
}

/** A picture that is not decoded yet. */
export interface WholePicture extends SizePx {
  /** Rejects with ConfigError `source`. */
  toNv12(yuvRange: YuvRange): Promise<Uint8Array>;
}

/** A picture in its own size, of which an odd last row or column is cut off. Throws ConfigError `source`. @param path Names it. */
export async function wholePicture(file: Uint8Array, path: string): Promise<WholePicture> {
  const size = wholeSizeOf(await metadataWithinLimits(file, path), path);
  const { widthPx: width, heightPx: height } = size;
  const whole = sharp(file).autoOrient().extract({ left: 0, top: 0, width, height });
  return { ...size, toNv12: (yuvRange) => toNv12(whole, path, { ...size, yuvRange }) };
}

/** The same of a file, decoded. */
export async function readWholePicture(path: string, yuvRange: YuvRange): Promise<SizedPicture> {
  const { widthPx, heightPx, toNv12: decode } = await wholePicture(await readPictureFile(path), path);
  return { name: basename(path), widthPx, heightPx, nv12: await decode(yuvRange) };
}

/** Reads and converts the pictures of a folder, as many as memory holds. Throws ConfigError `source`, and the reason of an abort. */
export async function readPictureFolder(
  folder: string,
  options: PictureOptions,
  signal?: AbortSignal,
): Promise<CameraFrames> {
  const { widthPx, heightPx } = options;
  const { names, leftOut } = await readPictureNames(folder);
  const pictures: CameraPicture[] = [];
  for (const name of names.slice(0, framesInMemory(widthPx, heightPx))) {
    signal?.throwIfAborted();
    pictures.push({ name, nv12: await readPicture(join(folder, name), options) });
  }
  return { widthPx, heightPx, pictures, available: names.length, leftOut };
}
