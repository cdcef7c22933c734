import type { PreviewRequest } from '../../core/ports.js';
import type { PreviewImage } from '../../core/result.js';

/** How many unused preview buffers are kept: enough for one being drawn, one waiting and one being filled. */
const keptBuffers = 3;

/** NV12 scales to even sizes only. */
function evenSize(sizePx: number): number {
  return Math.max(2, Math.floor(sizePx / 2) * 2);
}

/** As the letterbox takes a preview to fill. */
export function previewTarget({ widthPx, heightPx, rgba }: PreviewImage) {
  return { widthPx, heightPx, output: rgba };
}

/**
 * Buffers for previews. Receivers may give them back, but need not: the garbage collector takes those that never come
 * back, so that a receiver that crashes leaks nothing.
 */
export class PreviewPool {
  #free: ArrayBuffer[] = [];
  #byteLength = 0;

  take(byteLength: number): ArrayBuffer {
    if (byteLength !== this.#byteLength) {
      this.#byteLength = byteLength;
      this.#free = [];
    }
    return this.#free.pop() ?? new ArrayBuffer(byteLength);
  }

  /** A picture of about the size wanted: even sizes, pixels not written yet. */
  takeImage(wanted: PreviewRequest): PreviewImage {
    const widthPx = evenSize(wanted.widthPx);
    const heightPx = evenSize(wanted.heightPx);
    return { widthPx, heightPx, rgba: this.take(widthPx * heightPx * 4) };
  }

  /** Buffers of a size no longer asked for are let go. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#byteLength && this.#free.length < keptBuffers) this.#free.push(buffer);
  }
}
