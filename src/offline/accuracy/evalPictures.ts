import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readPictureNames } from '../../camera/pictureNames.js';
import { ConfigError } from '../../core/errors.js';
import { counted } from '../../core/words.js';
import type { CocoFile, CocoImage } from '../../evaluate/cocoFile.js';
import { sharp } from '../../files/stillPictures.js';

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

function firstOf(names: readonly string[]): string {
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

/** A listed picture, or why it cannot be evaluated. */
type Finding =
  | { readonly kind: 'picture'; readonly picture: EvalPicture }
  | { readonly kind: 'unreadable'; readonly fileName: string; readonly why: string }
  | { readonly kind: 'other size'; readonly why: string };

async function lookAt(folder: string, image: CocoImage, isBaseUnique: boolean): Promise<Finding> {
  const { file_name: fileName, width, height } = image;
  const path = await findPicture(folder, fileName, isBaseUnique);
  if (path === null) return { kind: 'unreadable', fileName, why: 'it is not there' };
  const metadata = await sharp(path)
    .metadata()
    .catch(() => null);
  if (metadata === null) return { kind: 'unreadable', fileName, why: 'it cannot be decoded' };
  const { autoOrient } = metadata;
  if (autoOrient.width === width && autoOrient.height === height) {
    return { kind: 'picture', picture: { image, path } };
  }
  const size = `${autoOrient.width}x${autoOrient.height}`;
  return {
    kind: 'other size',
    why: `${path} is ${size}, its annotations are for ${width}x${height}`,
  };
}

/** In the order of the file. */
async function lookAtAll(folder: string, { images }: CocoFile): Promise<Finding[]> {
  const bases = new Map<string, number>();
  for (const { file_name } of images) {
    const base = basename(file_name);
    bases.set(base, (bases.get(base) ?? 0) + 1);
  }
  const findings: Finding[] = [];
  for (let first = 0; first < images.length; first += atOnce) {
    const some = images.slice(first, first + atOnce);
    const looked = some.map((image) => lookAt(folder, image, bases.get(basename(image.file_name)) === 1));
    findings.push(...(await Promise.all(looked)));
  }
  return findings;
}

/** How many pictures of the folder itself are not listed. */
async function countUnlisted(folder: string, { images }: CocoFile): Promise<number> {
  const listed = new Set(images.map(({ file_name }) => basename(file_name)));
  // All pictures may lie in folders of it.
  const { names } = await readPictureNames(folder).catch(() => ({ names: [] }));
  return names.filter((name) => !listed.has(name)).length;
}

/**
 * Finds the pictures of an annotation file in a folder and looks at their sizes.
 *
 * Throws ConfigError `source` for a folder without them, and for pictures that are missing or cannot be decoded, which AP
 * would count as if nothing were found, unless they may be skipped; ConfigError `ground_truth` for a picture of another
 * size than its annotations are for.
 */
export async function findPictures(
  folder: string,
  file: CocoFile,
  path: string,
  maySkip: boolean,
): Promise<EvalPictures> {
  const findings = await lookAtAll(folder, file);
  const pictures = findings.flatMap((one) => (one.kind === 'picture' ? [one.picture] : []));
  const [otherSize, ...otherSizes] = findings.flatMap((one) => (one.kind === 'other size' ? [one] : []));
  if (otherSize !== undefined) {
    const more = otherSizes.length > 0 ? ` (and ${counted(otherSizes.length, 'picture')} more)` : '';
    throw new ConfigError('ground_truth', `${path} is for other pictures: ${otherSize.why}${more}`, { path });
  }
  const skipped = findings.flatMap((one) => (one.kind === 'unreadable' ? [one] : []));
  if (skipped.length > 0 && (!maySkip || pictures.length === 0)) {
    // Says more of a folder that cannot be read or has no picture.
    if (pictures.length === 0) await readPictureNames(folder);
    const what = `${skipped.length} of ${counted(file.images.length, 'picture')} that ${path} lists cannot be read from ${folder}`;
    const list = firstOf(skipped.map(({ fileName }) => fileName));
    const remedy =
      pictures.length === 0
        ? 'expected their names below --images'
        : 'AP would count them as if nothing were found in them; --skip-missing evaluates the others alone';
    throw new ConfigError('source', `${what} (${list}): ${remedy}`, { missing: skipped.length });
  }
  return { pictures, skipped, unlistedCount: await countUnlisted(folder, file) };
}
