import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { isPictureName, readPictureNames } from '../../camera/pictureNames.js';
import { ConfigError } from '../../core/errors.js';
import { counted } from '../../core/words.js';
import type { CocoFile, CocoImage } from '../../evaluate/cocoFile.js';

/** A picture with annotations. */
export interface EvalPicture {
  readonly image: CocoImage;
  readonly path: string;
}

/** The pictures that an annotation file lists, as far as they are there. */
export interface EvalPictures {
  readonly pictures: readonly EvalPicture[];
  /** Listed and left out as asked, with why. */
  readonly skipped: readonly { readonly fileName: string; readonly why: string }[];
  /** In the folder and not listed. */
  readonly unlistedCount: number;
}

const shownNames = 3;
const atOnce = 8;

function shown(names: readonly string[]): string {
  return names.slice(0, shownNames).join(', ') + (names.length > shownNames ? ', ...' : '');
}

/** Where a listed picture lies: under its name, else under the last part of it if no other picture ends so. */
async function findPicture(folder: string, fileName: string, isBaseUnique: boolean): Promise<string | null> {
  const names = isBaseUnique ? [fileName, basename(fileName)] : [fileName];
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile() === true) return join(folder, name);
  }
  return null;
}

/** What is wrong with a picture's file; null where it has the size that its annotations are for. */
async function faultOf({
  image,
  path,
}: EvalPicture): Promise<{ readonly why: string; readonly isSize: boolean } | null> {
  const metadata = await sharp(path)
    .metadata()
    .catch(() => null);
  if (metadata === null) return { why: `${path} cannot be decoded`, isSize: false };
  const { width, height } = metadata.autoOrient;
  if (width === image.width && height === image.height) return null;
  const why = `${path} is ${width}x${height}, its annotations are for ${image.width}x${image.height}`;
  return { why, isSize: true };
}

/**
 * Finds the pictures of an annotation file in a folder and looks at their sizes.
 *
 * Throws ConfigError `source` for a folder that cannot be read, and for pictures that are missing or cannot be decoded,
 * which AP would count as if nothing were found, unless they may be skipped; ConfigError `ground_truth` for a picture of another
 * size than its annotations are for.
 */
export async function findPictures(
  folder: string,
  file: CocoFile,
  path: string,
  maySkip: boolean,
): Promise<EvalPictures> {
  const { names } = await readPictureNames(folder);
  const bases = new Map<string, number>();
  for (const { file_name } of file.images)
    bases.set(basename(file_name), (bases.get(basename(file_name)) ?? 0) + 1);
  const pictures: EvalPicture[] = [];
  const skipped: { fileName: string; why: string }[] = [];
  const sizeFaults: string[] = [];
  const waiting = [...file.images];
  const results = new Map<CocoImage, EvalPicture>();
  const look = async (): Promise<void> => {
    for (let image = waiting.shift(); image !== undefined; image = waiting.shift()) {
      const { file_name: fileName } = image;
      const found = await findPicture(folder, fileName, bases.get(basename(fileName)) === 1);
      const picture = found === null ? null : { image, path: found };
      const fault = picture === null ? { why: 'is not there', isSize: false } : await faultOf(picture);
      if (fault === null) results.set(image, picture!);
      else if (fault.isSize) sizeFaults.push(fault.why);
      else skipped.push({ fileName, why: fault.why });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, look));
  for (const image of file.images) {
    const picture = results.get(image);
    if (picture !== undefined) pictures.push(picture);
  }
  if (sizeFaults.length > 0) {
    const more = sizeFaults.length > 1 ? ` (and ${counted(sizeFaults.length - 1, 'picture')} more)` : '';
    throw new ConfigError('ground_truth', `${path} is for other pictures: ${sizeFaults[0]}${more}`, { path });
  }
  if (skipped.length > 0 && (!maySkip || pictures.length === 0)) {
    const what = `${skipped.length} of ${counted(file.images.length, 'picture')} that ${path} lists cannot be read from ${folder}`;
    const list = shown(skipped.map(({ fileName }) => fileName));
    const remedy =
      pictures.length === 0
        ? 'expected their names below --images'
        : 'AP would count them as if nothing were found in them; --skip-missing evaluates the others alone';
    throw new ConfigError('source', `${what} (${list}): ${remedy}`, { missing: skipped.length });
  }
  const listed = new Set(file.images.map(({ file_name }) => basename(file_name)));
  const unlistedCount = names.filter((name) => isPictureName(name) && !listed.has(name)).length;
  return { pictures, skipped, unlistedCount };
}
