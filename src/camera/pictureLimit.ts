import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { checkJpegScans } from '../files/jpegScans.js';
import { type Metadata, sharp, stillFormats } from '../files/stillPictures.js';

/**
 * Throws ConfigError `source` for a picture of more pixels than a camera's may have, as a file of a few bytes can claim any
 * number and memory is asked for all of them, and for one with a longer side than rows of pixels, to which it is decoded.
 *
 * @param size In pixels, as sharp tells it.
 * @internal
 */
export function checkPixels(path: string, { width, height }: { width: number; height: number }): void {
  if (width * height <= limits.compressedPixels && Math.max(width, height) <= limits.sidePx) return;
  const expected = `at most ${limits.compressedPixels} of them and ${limits.sidePx} a side`;
  const what = `${path} is ${width} x ${height} pixels; expected ${expected}`;
  throw new ConfigError('source', what, { path, widthPx: width, heightPx: height });
}

/** The error for a picture that sharp does not open or read to its end. */
export function cannotDecode(path: string, error: unknown): ConfigError {
  return new ConfigError('source', `${path} cannot be decoded as ${stillFormats}`, { path }, error);
}

/**
 * What sharp says of a picture that may be decoded by it. Throws ConfigError `source` for one that may not: beyond the limits, empty,
 * or nothing that sharp opens.
 *
 * @param path Names it.
 */
export async function metadataWithinLimits(file: Uint8Array, path: string): Promise<Metadata> {
  // Of that sharp says nothing, but throws at once.
  if (file.length === 0) throw new ConfigError('source', `${path} is empty`, { path });
  checkJpegScans(file, path);
  const metadata = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw cannotDecode(path, error);
    });
  checkPixels(path, metadata);
  return metadata;
}
