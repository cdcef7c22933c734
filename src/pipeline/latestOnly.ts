import type { FrameLease } from '../core/frame.js';

/**
 * The one place where a frame may wait. A newer frame takes the place, and the older one is closed.
 *
 * It owns the frame it holds until `take` hands it out.
 */
export class LatestOnly {
  #waiting: FrameLease | null = null;
  readonly #onSuperseded: (frame: FrameLease) => void;

  /** @param onSuperseded Told of every frame that lost its place, after it was closed. */
  constructor(onSuperseded: (frame: FrameLease) => void) {
    this.#onSuperseded = onSuperseded;
  }

  get occupied(): boolean {
    return this.#waiting !== null;
  }

  put(frame: FrameLease): void {
    const older = this.#waiting;
    this.#waiting = frame;
    if (older === null) return;
    try {
      older.close();
    } finally {
      this.#onSuperseded(older);
    }
  }

  /** The waiting frame, now the caller's to close; null if none waits. */
  take(): FrameLease | null {
    const frame = this.#waiting;
    this.#waiting = null;
    return frame;
  }
}
