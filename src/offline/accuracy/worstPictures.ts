import type { Instances, PreviewImage } from '../../core/result.js';
import type { TruthPicture } from '../../evaluate/groundTruth.js';
import { Overlays } from '../overlays.js';
import type { EvalPicture } from './evalPictures.js';
import type { Evaluated } from './figuresFile.js';
import { shownInstances } from './modelFigures.js';
import { ResultStore } from './resultStore.js';
import { readPictureFile } from '../../camera/pictureFile.js';
import { cannotDecode, metadataWithinLimits } from '../../camera/pictureLimit.js';
import { sharp } from '../../files/stillPictures.js';

/** A picture as the page shows it; pictures are JPEG files. */
export interface WorstPicture {
  readonly fileName: string;
  readonly objects: number;
  readonly truth: Uint8Array;
  /** One for each model. */
  readonly found: readonly { readonly jpeg: Uint8Array; readonly mistakes: number; readonly count: number }[];
}

const shownPictures = 12;
const longestSidePx = 640;

async function previewOf({ path }: EvalPicture): Promise<PreviewImage> {
  const file = await readPictureFile(path);
  await metadataWithinLimits(file, path);
  const { data, info } = await sharp(file)
    .autoOrient()
    .resize({ width: longestSidePx, height: longestSidePx, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw cannotDecode(path, error);
    });
  // Its memory goes to the thread that draws.
  return { widthPx: info.width, heightPx: info.height, rgba: Uint8Array.from(data).buffer };
}

/** The pictures in which the first model makes most mistakes, the worst first, drawn with their objects and what each model finds. */
export async function drawWorstPictures(
  { file, pictures, models }: Evaluated,
  readTruth: (image: EvalPicture['image']) => Promise<TruthPicture>,
  signal: AbortSignal,
): Promise<WorstPicture[]> {
  const first = models[0]!.mistakes;
  const worst = pictures
    .filter(({ image }) => first.get(image.id)! > 0)
    .toSorted((a, b) => first.get(b.image.id)! - first.get(a.image.id)!)
    .slice(0, shownPictures);
  const overlays = new Overlays(file.categories.map(({ name }) => name));
  const draw = async (picture: EvalPicture, instances: Instances) => {
    const { width: widthPx, height: heightPx } = picture.image;
    return overlays.draw(
      { header: { widthPx, heightPx }, instances, tracks: null },
      await previewOf(picture),
      () => {},
    );
  };
  try {
    const drawn: WorstPicture[] = [];
    for (const picture of worst) {
      signal.throwIfAborted();
      const { objects } = await readTruth(picture.image);
      const found: WorstPicture['found'][number][] = [];
      for (const { resultsFolder, mistakes } of models) {
        const instances = shownInstances((await new ResultStore(resultsFolder).read(picture))!, file);
        const jpeg = await draw(picture, instances);
        found.push({ jpeg, mistakes: mistakes.get(picture.image.id)!, count: instances.count });
      }
      const truth = await draw(picture, objects);
      drawn.push({ fileName: picture.image.file_name, objects: objects.count, truth, found });
    }
    return drawn;
  } finally {
    await overlays.close();
  }
}
