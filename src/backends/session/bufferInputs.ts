import type { LetterboxRequest } from '../../native/core.js';
import { BufferPool } from './bufferPool.js';
import type { InputStore } from './framePreparer.js';
import { type InputForm, type InputSize, inputBytes, writeInput } from './inputForm.js';
import { sharedClockMs } from './time.js';

/** A model input in ordinary memory. */
export interface BufferInput {
  readonly input: ArrayBuffer;
  /** `sharedClockMs()` when the input was ready. */
  readonly preparedMs: number;
}

/** Model inputs in ordinary memory, as many as a session may have out at once. */
export class BufferInputs implements InputStore<BufferInput> {
  readonly #form: InputForm;
  readonly #pool: BufferPool;

  constructor(form: InputForm, size: InputSize, framesInFlight: number) {
    this.#form = form;
    // One more than run at once: a frame is prepared while the others are run.
    this.#pool = new BufferPool(inputBytes(form, size), framesInFlight + 1);
  }

  /** Inputs that are being written or with somebody else; 0 when nothing is in flight. */
  get taken(): number {
    return this.#pool.taken;
  }

  /** Rejects as the native letterbox does, and with SegError `too_many_in_flight`. */
  async write(request: LetterboxRequest): Promise<BufferInput> {
    const input = this.#pool.take();
    try {
      await writeInput(this.#form, request, input);
      return { input, preparedMs: sharedClockMs() };
    } catch (error) {
      this.#pool.give(input);
      throw error;
    }
  }

  giveBack({ input }: BufferInput): void {
    this.#pool.give(input);
  }
}
