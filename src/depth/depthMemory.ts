import type { DepthPicture } from './depthPicture.js';

/**
 * Memory of depth pictures that is used again.
 *
 * A thread that was shown a picture gives its memory back when it happens to collect garbage, and a worker hardly ever does:
 * hundreds of megabytes of pictures that nobody reads stayed. So each piece goes round, and there are as many as are held at once.
 */
export class DepthMemory {
  readonly #holders = new Map<ArrayBufferLike, number>();
  #free: SharedArrayBuffer[] = [];

  /** A piece of exactly so many bytes, held once; it is full of an earlier picture. */
  readonly take = (sizeBytes: number): SharedArrayBuffer => {
    // A camera that changes its pictures does not change them back.
    this.#free = this.#free.filter(({ byteLength }) => byteLength === sizeBytes);
    const piece = this.#free.pop() ?? new SharedArrayBuffer(sizeBytes);
    this.#holders.set(piece, 1);
    return piece;
  };

  /** The picture is read by one more. */
  hold({ values: { buffer } }: Pick<DepthPicture, 'values'>): void {
    this.#holders.set(buffer, (this.#holders.get(buffer) ?? 0) + 1);
  }

  /** One of those who held the picture reads it no more; the last one's piece is taken again. */
  release({ values: { buffer } }: Pick<DepthPicture, 'values'>): void {
    const left = (this.#holders.get(buffer) ?? 0) - 1;
    if (left > 0) {
      this.#holders.set(buffer, left);
      return;
    }
    if (this.#holders.delete(buffer)) this.#free.push(buffer as SharedArrayBuffer);
  }
}
