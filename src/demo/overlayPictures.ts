import { join } from 'node:path';
import sharp from 'sharp';

/** Saves every n-th overlay as PNG, up to a limit, beside the recording. */
export class OverlayPictures {
  readonly #folder: string;
  readonly #every: number;
  readonly #limit: number;
  readonly #work: Promise<unknown>[] = [];
  readonly #paths: string[] = [];
  #seen = 0;

  constructor(folder: string, every: number, limit: number) {
    this.#folder = folder;
    this.#every = every;
    this.#limit = limit;
  }

  offer(jpeg: Uint8Array): void {
    const index = this.#seen++;
    if (index % this.#every !== 0 || this.#paths.length >= this.#limit) return;
    const path = join(this.#folder, `overlay_${String(this.#paths.length).padStart(2, '0')}.png`);
    this.#paths.push(path);
    this.#work.push(sharp(jpeg).png().toFile(path));
  }

  /** Resolves with the files written. Rejects when one could not be decoded or written. */
  async finish(): Promise<readonly string[]> {
    await Promise.all(this.#work);
    return this.#paths;
  }
}
