import type { InputSource, OfflineInput } from './offlineInput.js';
import { type OpenedFrame, openInput } from './openInput.js';

/** An input whose frame is being opened. */
export interface OpenedInput {
  /** Counts the inputs from 0. */
  readonly index: number;
  readonly source: InputSource;
  readonly input: OfflineInput;
  /** The taker's to close. Rejects as `openInput` does. */
  readonly frame: Promise<OpenedFrame>;
}

type SourcedInput = Pick<OpenedInput, 'source' | 'input'>;

async function* inputsOf(sources: readonly InputSource[]): AsyncGenerator<SourcedInput> {
  for (const source of sources) for await (const input of source.frames()) yield { source, input };
}

/** Opens the frames of inputs in their order, a few before they are asked for, so that no inference waits for the disk. */
export class ReadAhead {
  readonly #inputs: AsyncGenerator<SourcedInput>;
  readonly #aheadCount: number;
  readonly #frameId: string;
  /** Not asked for yet. */
  readonly #opened: Promise<OpenedInput | null>[] = [];
  #count = 0;

  /**
   * @param aheadCount How many inputs are opened beyond the one asked for.
   * @param frameId Of messages that carry none.
   */
  constructor(sources: readonly InputSource[], aheadCount: number, frameId: string) {
    this.#inputs = inputsOf(sources);
    this.#aheadCount = aheadCount;
    this.#frameId = frameId;
  }

  /** The next input, null behind the last one; may be asked before the one before is there. */
  next(): Promise<OpenedInput | null> {
    while (this.#opened.length <= this.#aheadCount) {
      const opened = this.#open();
      // Whoever asks for it is told; until then it is nobody's fault.
      opened.catch(() => {});
      this.#opened.push(opened);
    }
    return this.#opened.shift()!;
  }

  /** Closes what was opened and never asked for. */
  async close(): Promise<void> {
    const left = this.#opened.splice(0);
    for (const settled of await Promise.allSettled(left)) {
      const frame = settled.status === 'fulfilled' ? settled.value?.frame : undefined;
      await frame?.then(
        ({ lease }) => lease.close(),
        () => {},
      );
    }
    await this.#inputs.return(undefined);
  }

  async #open(): Promise<OpenedInput | null> {
    // One after the other, whatever is asked for at once: so generators are.
    const { value, done } = await this.#inputs.next();
    if (done === true) return null;
    const index = this.#count++;
    const frame = openInput(value.input, { sequence: index, frameId: this.#frameId });
    frame.catch(() => {});
    return { index, ...value, frame };
  }
}
