import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';

/** Second bytes of markers, as ITU-T T.81 (table B.1) numbers them. */
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const firstRestart = 0xd0;
const firstWithLength = 0xc0;

/** True for what no segment follows: RSTn, SOI, TEM, what is reserved below the others, and the 0 behind a byte 255 of coded data. */
function standsAlone(marker: number): boolean {
  return marker < firstWithLength || (marker >= firstRestart && marker <= startOfImage);
}

/**
 * Counts the scans of a JPEG by its markers, as libjpeg would meet them, without decoding anything: segments are passed by their
 * lengths, so that a thumbnail in one counts nothing, and what lies behind the end of the image is another picture's.
 *
 * Returns 0 for what is no JPEG.
 *
 * @internal
 */
export function countJpegScans(file: Uint8Array): number {
  if (file[0] !== 0xff || file[1] !== startOfImage) return 0;
  let scans = 0;
  let at = 2;
  while (at < file.length) {
    if (file[at++] !== 0xff) continue;
    while (file[at] === 0xff) at++;
    const marker = file[at++] ?? endOfImage;
    if (marker === endOfImage) break;
    if (standsAlone(marker)) continue;
    if (marker === startOfScan) scans++;
    // The length counts its own two bytes; libjpeg takes a smaller one for that.
    at += Math.max(2, (file[at] ?? 0) * 256 + (file[at + 1] ?? 0));
  }
  return scans;
}

/**
 * Throws ConfigError `source` for a JPEG of more scans than encoders write. A decoder passes over the whole picture for each of them,
 * and a scan takes some ten bytes: one of 1.5 MB holds it up for minutes, in which nothing ends the process.
 *
 * @param path Names it.
 */
export function checkJpegScans(file: Uint8Array, path: string): void {
  const scans = countJpegScans(file);
  if (scans <= limits.jpegScans) return;
  const what = `${path} has ${scans} scans; expected at most ${limits.jpegScans} in a JPEG`;
  throw new ConfigError('source', what, { path, scans });
}
