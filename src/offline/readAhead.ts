import type { InputSource, OfflineInput } from './offlineInput.js';
import type { OpenedFrame, openInput } from './openInput.js';
import type { PictureMemory } from './pictureMemory.js';

/** An input whose frame is being opened. */
export interface OpenedInput {
  /** Counts the inputs from 0. */
  readonly index: number;
  readonly source: InputSource;
  readonly input: OfflineInput;
  /** The taker's to close. Rejects as `openInput` does. */
  readonly frame: Promise<OpenedFrame>;
  /** To be called once when nobody needs the picture any more: its memory goes to the next ones. */
  leave(): void;
}

type SourcedInput = Pick<OpenedInput, 'source' | 'input'>;

async function* inputsOf({ sources, signal }: ReadAheadRequest): AsyncGenerator<SourcedInput> {
  try {
    for (const source of sources) {
      for await (const input of source.frames(signal)) yield { source, input };
      if (signal.aborted) return;
    }
  } catch (error) {
    // What an abort broke off fails; what was read before goes on.
    if (!signal.aborted) throw error;
  }
}

/** What is read, and how far ahead. */
export interface ReadAheadRequest {
  readonly sources: readonly InputSource[];
  /** How many inputs are opened beyond the one asked for. */
  readonly aheadCount: number;
  /** Of messages that carry none. */
  readonly frameId: string;
  /** Closed with the reader. */
  readonly memory: PictureMemory;
  readonly open: typeof openInput;
  /** After an abort there are no more inputs, whatever is being waited for. */
  readonly signal: AbortSignal;
}

/**
 * Opens the frames of inputs in their order, a few before they are asked for, so that no inference waits for the disk; fewer
 * where the memory for them is full.
 */
export class ReadAhead {
  readonly #request: ReadAheadRequest;
  readonly #inputs: AsyncGenerator<SourcedInput>;
  readonly #ended = new AbortController();
  /** Not asked for yet. */
  readonly #opened: Promise<OpenedInput | null>[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(request: ReadAheadRequest) {
    this.#request = request;
    const signal = AbortSignal.any([request.signal, this.#ended.signal]);
    this.#inputs = inputsOf({ ...request, signal });
  }

  /** The next input, null behind the last one; may be asked before the one before is there. */
  next(): Promise<OpenedInput | null> {
    while (this.#opened.length <= this.#request.aheadCount) {
      const opened = this.#last.then(() => this.#open());
      // Whoever asks for it is told; until then it is nobody's fault.
      this.#last = opened.catch(() => {});
      this.#opened.push(opened);
    }
    return this.#opened.shift()!;
  }

  /** Has no more inputs, as after an abort: who waits for the next one need not wait for a decoder or the rest of a long file. */
  end(): void {
    this.#ended.abort();
  }

  /** Ends, and closes what was opened and never asked for. */
  async close(): Promise<void> {
    this.end();
    const left = this.#opened.splice(0);
    this.#request.memory.close();
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
    const { memory, frameId, open } = this.#request;
    await memory.idle();
    const { value, done } = await this.#inputs.next();
    if (done === true) return null;
    const index = this.#count++;
    const place = memory.enter();
    const frame = open(value.input, { sequence: index, frameId }, place);
    frame.catch(() => {});
    const leave = () => {
      place.leave();
      frame.then(
        ({ release }) => release(),
        () => {},
      );
    };
    return { index, ...value, frame, leave };
  }
}
