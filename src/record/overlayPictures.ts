import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../core/errors.js';
import { checkJpegScans } from '../files/jpegScans.js';
import { sharp } from '../files/stillPictures.js';

const ownName = /^overlay_\d+\.png$/;

/** What became of the overlays that were to be saved. */
export interface SavedOverlays {
  /** Paths of the files. */
  readonly files: readonly string[];
  /** Why others could not be decoded or written, each with its path. */
  readonly faults: readonly string[];
}

/** Rejects with what is wrong with it. */
async function saveAsPng(jpeg: Uint8Array, path: string): Promise<void> {
  checkJpegScans(jpeg, 'the overlay');
  await sharp(jpeg).png().toFile(path);
}

/** Saves an overlay as PNG now and then, up to a limit, beside the recording; only those with something in them. */
export class OverlayPictures {
  readonly #folder: string;
  readonly #every: number;
  readonly #limit: number;
  /** Null for one that was saved, else why it was not. */
  readonly #work: Promise<string | null>[] = [];
  readonly #paths: string[] = [];
  #sinceTaken: number;
  #removed: Promise<void> | null = null;

  /** @param folder Has to be there. */
  constructor(folder: string, every: number, limit: number) {
    this.#folder = folder;
    this.#every = every;
    this.#limit = limit;
    this.#sinceTaken = every;
  }

  /** Takes every n-th overlay; where that one is of a frame without objects, the next that has some. */
  offer(jpeg: Uint8Array, hasObjects: boolean): void {
    const isDue = ++this.#sinceTaken >= this.#every;
    if (!isDue || !hasObjects || this.#paths.length >= this.#limit) return;
    this.#sinceTaken = 0;
    const path = join(this.#folder, `overlay_${String(this.#paths.length).padStart(2, '0')}.png`);
    this.#paths.push(path);
    const saved = this.#withoutOld().then(() => saveAsPng(jpeg, path));
    this.#work.push(saved.then(() => null).catch((error: unknown) => `${path}: ${describeError(error)}`));
  }

  /** Resolves when nothing is under way any more, and no picture of an earlier recording is there. */
  async finish(): Promise<SavedOverlays> {
    await this.#withoutOld();
    const faults = await Promise.all(this.#work);
    return {
      files: this.#paths.filter((_, index) => faults[index] === null),
      faults: faults.filter((fault) => fault !== null),
    };
  }

  /** Removes the pictures of an earlier recording, once: they would be taken for this one's. */
  #withoutOld(): Promise<void> {
    const remove = async () => {
      const old = (await readdir(this.#folder)).filter((name) => ownName.test(name));
      await Promise.all(old.map((name) => rm(join(this.#folder, name))));
    };
    this.#removed ??= remove();
    return this.#removed;
  }
}
