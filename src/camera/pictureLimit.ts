import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';

/**
 * Throws ConfigError `source` for a picture of more pixels than a camera's may have: a file of a few bytes can claim any
 * number, and memory is asked for all of them.
 *
 * @param size In pixels, as sharp tells it.
 */
export function checkPixels(path: string, { width, height }: { width: number; height: number }): void {
  if (width * height <= limits.compressedPixels) return;
  const what = `${path} is ${width} x ${height} pixels; expected at most ${limits.compressedPixels} of them`;
  throw new ConfigError('source', what, { path, widthPx: width, heightPx: height });
}
