import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { shown } from '../core/words.js';
import { readFault, shownPath } from '../files/fault.js';
import { missingSourceHint } from './bundledScenes.js';
import type { CameraFrames } from './frames.js';
import { readNv12File } from './nv12File.js';
import { type PictureOptions, readPictureFolder } from './pictureFolder.js';
import { isPictureName } from './pictureNames.js';

/** What to say of a folder of which not everything is taken; null where all is. */
export function describeLeftOut(folder: string, leftOut: string | null): string | null {
  return leftOut === null ? null : shown(`left out of ${folder}: ${leftOut}`);
}

/**
 * Loads what the camera shows: a folder of pictures, or a file of raw NV12 frames.
 *
 * Throws ConfigError when the source is missing, empty, undecodable or of the wrong length.
 *
 * @param signal After an abort no further picture or frame is read: it rejects with the reason.
 */
export async function loadFrames(
  source: string,
  options: PictureOptions,
  signal?: AbortSignal,
): Promise<CameraFrames> {
  const found = await stat(source).catch((error: unknown) => {
    throw new ConfigError('source', `${shownPath(source)} ${readFault(error)}${missingSourceHint(source)}`, {
      source,
    });
  });
  if (!found.isDirectory() && isPictureName(basename(source))) {
    const expected = 'expected a folder of pictures, or a file of raw NV12 frames';
    throw new ConfigError('source', `${source} is one picture; ${expected}`, { source });
  }
  return found.isDirectory()
    ? readPictureFolder(source, options, signal)
    : readNv12File(source, options.widthPx, options.heightPx, signal);
}
