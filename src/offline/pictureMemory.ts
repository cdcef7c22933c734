import type { SizePx } from '../core/geometry.js';
import { limits } from '../core/limits.js';

/** Decoded: red, green and blue. */
const decodedBytesPerPixel = 3;
/** As an overlay is drawn on it: with alpha. */
const drawnBytesPerPixel = 4;

/** The part of the memory that one picture takes. Both resolve when there is room, and reject when the memory is closed before. */
export interface PicturePlace {
  /** For the file that the picture is decoded from, which stays in memory beside it. */
  takeFile(sizeBytes: number): Promise<void>;
  /** For what is decoded, and drawn. */
  takePixels(size: SizePx): Promise<void>;
  /** Gives all of it to the next ones; however often it is called. */
  leave(): void;
}

/** What a picture waits for. */
interface Wish {
  readonly bytes: number;
  readonly grant: () => void;
  readonly refuse: (reason: Error) => void;
}

/** A picture that has not left. */
interface Guest {
  heldBytes: number;
  wish: Wish | null;
}

/**
 * A bound for the pictures that are in memory at once, from before one is read until its results are written.
 *
 * The one that entered first gets whatever it asks for: results are written in this order, so that none of the others leaves
 * before it. So a picture that is larger than all of the memory is taken, too, and the bound is passed by one picture at most.
 */
export class PictureMemory {
  readonly #limitBytes: number;
  readonly #bytesPerPixel: number;
  /** In the order they entered. */
  readonly #guests: Guest[] = [];
  readonly #onIdle: (() => void)[] = [];
  /** Why nobody is let in any more. */
  #closed: Error | null = null;

  /** @param isDrawn True where an overlay is drawn of each picture, in its size. */
  constructor(isDrawn: boolean, limitBytes: number = limits.picturesBytes) {
    this.#bytesPerPixel = decodedBytesPerPixel + (isDrawn ? drawnBytesPerPixel : 0);
    this.#limitBytes = limitBytes;
  }

  /** The place of the next picture. */
  enter(): PicturePlace {
    const guest: Guest = { heldBytes: 0, wish: null };
    this.#guests.push(guest);
    return {
      takeFile: (sizeBytes) => this.#take(guest, sizeBytes),
      takePixels: ({ widthPx, heightPx }) => this.#take(guest, widthPx * heightPx * this.#bytesPerPixel),
      leave: () => {
        const at = this.#guests.indexOf(guest);
        if (at >= 0) this.#guests.splice(at, 1);
        this.#letIn();
      },
    };
  }

  /** Resolves when no picture waits for room: until then nothing more should be read. */
  async idle(): Promise<void> {
    while (this.#isAwaited()) await new Promise<void>((wake) => this.#onIdle.push(wake));
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#closed = new Error('no picture is taken any more');
    for (const guest of this.#guests) {
      guest.wish?.refuse(this.#closed);
      guest.wish = null;
    }
    this.#wake();
  }

  #take(guest: Guest, bytes: number): Promise<void> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const granted = new Promise<void>((grant, refuse) => {
      guest.wish = { bytes, grant, refuse };
    });
    this.#letIn();
    return granted;
  }

  #isAwaited(): boolean {
    return this.#guests.some(({ wish }) => wish !== null);
  }

  #letIn(): void {
    let usedBytes = this.#guests.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    for (const [at, guest] of this.#guests.entries()) {
      const { wish } = guest;
      if (wish === null) continue;
      // Those behind it leave it what there is.
      if (at > 0 && usedBytes + wish.bytes > this.#limitBytes) break;
      guest.heldBytes += wish.bytes;
      usedBytes += wish.bytes;
      guest.wish = null;
      wish.grant();
    }
    if (!this.#isAwaited()) this.#wake();
  }

  #wake(): void {
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}
