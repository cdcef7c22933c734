import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Nv12Picture } from '../backends/replay/picture.js';
import type { RecordSummary } from '../backends/replay/recordTensors.js';
import { type PictureFit, readWholePicture } from '../camera/pictureFolder.js';
import { pictureKinds, readPictureNames } from '../camera/pictureNames.js';
import { describeLeftOut, loadFrames } from '../camera/source.js';
import { ConfigError } from '../core/errors.js';
import { counted, megabytes } from '../core/words.js';
import type { PreprocessOptions } from '../core/ports.js';
import { parameterOption, positiveInteger } from './flags.js';

/** Which pictures a command takes, and as frames of which size. */
export interface PictureFlags extends PreprocessOptions {
  readonly images: string;
  readonly width?: number;
  readonly height?: number;
  readonly fit: PictureFit;
}

/** The options of `PictureFlags`. */
export function addPictureOptions(command: Command): Command {
  return command
    .requiredOption(
      '--images <path>',
      `folder of pictures (${pictureKinds}); with a size also a file of NV12 frames`,
    )
    .option('--width <pixels>', "width of the frames; without it the pictures' own", positiveInteger)
    .option('--height <pixels>', "height of the frames; without it the pictures' own", positiveInteger)
    .addOption(
      new Option('--fit <fit>', 'with a size: pictures of another shape, as `camera` fits them')
        .choices(['contain', 'cover'])
        .default('contain'),
    )
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'));
}

/** What was recorded, in one line. */
export function describeRecording(path: string, summary: RecordSummary): string {
  const { frameCount, repeatCount, inputCount, frameBytes } = summary;
  const repeats = repeatCount === 0 ? '' : `, ${repeatCount} repeated`;
  const grey = inputCount > frameCount ? ' and the grey one that a session of the BPU begins with' : '';
  return `${path}: ${counted(frameCount, 'frame')}${repeats}${grey}, ${megabytes(inputCount * frameBytes)}`;
}

function tellLeftOut(images: string, leftOut: string | null): void {
  const unused = describeLeftOut(images, leftOut);
  if (unused !== null) console.error(unused);
}

/** Throws ConfigError `arguments` for half a size. */
export function checkPictureFlags({ width, height }: PictureFlags): void {
  if ((width === undefined) === (height === undefined)) return;
  throw new ConfigError('arguments', '--width and --height belong together', {});
}

/** The pictures as frames, in the order of their names. Throws ConfigError `source`. */
export async function* readPictures(flags: PictureFlags): AsyncGenerator<Nv12Picture> {
  const { images, width, height, fit, yuvRange } = flags;
  if (width !== undefined && height !== undefined) {
    const { pictures, available, leftOut, ...size } = await loadFrames(images, {
      widthPx: width,
      heightPx: height,
      fit,
      yuvRange,
    });
    tellLeftOut(images, leftOut);
    if (pictures.length < available) {
      throw new ConfigError('source', `${available} pictures of ${width}x${height} do not fit into memory`, {
        available,
      });
    }
    for (const picture of pictures) yield { ...picture, ...size };
    return;
  }
  const { names, leftOut } = await readPictureNames(images);
  tellLeftOut(images, leftOut);
  for (const name of names) yield readWholePicture(join(images, name), yuvRange);
}
