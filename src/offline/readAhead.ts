import type { FrameLease } from '../core/frame.js';
import type { OfflineInput } from './inputs.js';
import { openInput } from './openInput.js';

/** Opens inputs in their order, a few before they are asked for, so that no inference waits for the disk. */
export class ReadAhead {
  readonly #inputs: readonly OfflineInput[];
  readonly #aheadCount: number;
  /** Opened and not asked for yet, by number. */
  readonly #opened = new Map<number, Promise<FrameLease>>();
  #next = 0;

  /** @param aheadCount How many inputs are opened beyond the one asked for. */
  constructor(inputs: readonly OfflineInput[], aheadCount: number) {
    this.#inputs = inputs;
    this.#aheadCount = aheadCount;
  }

  /** Each input once, in ascending order; the frame is the caller's to close. Rejects as `openInput` does. */
  open(index: number): Promise<FrameLease> {
    const last = Math.min(index + this.#aheadCount, this.#inputs.length - 1);
    for (; this.#next <= last; this.#next++) {
      const opened = openInput(this.#inputs[this.#next]!, this.#next);
      // Whoever asks for it is told; until then it is nobody's fault.
      opened.catch(() => {});
      this.#opened.set(this.#next, opened);
    }
    const opened = this.#opened.get(index)!;
    this.#opened.delete(index);
    return opened;
  }

  /** Closes what was opened and never asked for. */
  async close(): Promise<void> {
    const left = [...this.#opened.values()];
    this.#opened.clear();
    for (const settled of await Promise.allSettled(left))
      if (settled.status === 'fulfilled') settled.value.close();
  }
}
