import type { SizePx } from '../core/geometry.js';
import { limits } from '../core/limits.js';

/** Decoded: red, green and blue. */
const decodedBytesPerPixel = 3;
/** As an overlay is drawn on it: with alpha. */
const drawnBytesPerPixel = 4;

/** The part of the memory that one picture takes. */
export interface PicturePlace {
  /**
   * Resolves when there is room for the picture, behind those that entered before. Rejects when the memory is closed
   * before.
   *
   * @param fileBytes What it is decoded from, which stays in memory beside it.
   */
  take(size: SizePx, fileBytes: number): Promise<void>;
  /** Gives the room to the next ones; however often it is called, and whether there is any. */
  leave(): void;
}

interface Place {
  bytes: number | null;
  hasRoom: boolean;
  grant: () => void;
  refuse: (reason: Error) => void;
}

/**
 * A bound for the pictures that are in memory at once, from before one is decoded until its results are written. A picture that
 * is larger than all of it is let in alone.
 *
 * Pictures are let in in the order they entered: their results are written in this order, so that a later one with room would
 * wait for ever for an earlier one without.
 */
export class PictureMemory {
  readonly #limitBytes: number;
  readonly #bytesPerPixel: number;
  #usedBytes = 0;
  /** Without room yet, in the order they entered. */
  readonly #queue: Place[] = [];
  readonly #onIdle: (() => void)[] = [];
  /** Why nobody is let in any more. */
  #closed: Error | null = null;

  /** @param isDrawn True where an overlay is drawn of each picture, in its size. */
  constructor(isDrawn: boolean, limitBytes: number = limits.picturesBytes) {
    this.#bytesPerPixel = decodedBytesPerPixel + (isDrawn ? drawnBytesPerPixel : 0);
    this.#limitBytes = limitBytes;
  }

  /** The place of a picture whose size need not be known yet. */
  enter(): PicturePlace {
    const place: Place = { bytes: null, hasRoom: false, grant: () => {}, refuse: () => {} };
    this.#queue.push(place);
    return {
      take: ({ widthPx, heightPx }, fileBytes) => {
        if (this.#closed !== null) return Promise.reject(this.#closed);
        place.bytes = widthPx * heightPx * this.#bytesPerPixel + fileBytes;
        const granted = new Promise<void>((grant, refuse) => {
          place.grant = grant;
          place.refuse = refuse;
        });
        this.#letIn();
        return granted;
      },
      leave: () => this.#leave(place),
    };
  }

  /** Resolves when no picture whose size is known waits for room: until then nothing more should be read. */
  async idle(): Promise<void> {
    while (this.#isAwaited()) await new Promise<void>((wake) => this.#onIdle.push(wake));
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#closed = new Error('no picture is taken any more');
    for (const place of this.#queue.splice(0)) place.refuse(this.#closed);
    this.#wake();
  }

  #isAwaited(): boolean {
    return this.#queue.some(({ bytes }) => bytes !== null);
  }

  #leave(place: Place): void {
    if (place.hasRoom) this.#usedBytes -= place.bytes!;
    else if (this.#queue.includes(place)) this.#queue.splice(this.#queue.indexOf(place), 1);
    place.hasRoom = false;
    this.#letIn();
  }

  #letIn(): void {
    for (let [next] = this.#queue; next !== undefined; [next] = this.#queue) {
      const { bytes } = next;
      if (bytes === null || (this.#usedBytes > 0 && this.#usedBytes + bytes > this.#limitBytes)) break;
      this.#queue.shift();
      this.#usedBytes += bytes;
      next.hasRoom = true;
      next.grant();
    }
    if (!this.#isAwaited()) this.#wake();
  }

  #wake(): void {
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}
