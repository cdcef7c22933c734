import type { FrameLease } from '../../core/frame.js';
import type { PreparedFrame, PreprocessOptions, PreviewRequest } from '../../core/ports.js';
import { BufferPool } from './bufferPool.js';
import { GeometrySolver } from './geometrySolver.js';
import { type InputForm, type InputSize, inputBytes, writeInput } from './inputForm.js';
import { PreparedFrames } from './preparedFrames.js';
import { PreviewPool, previewTarget } from './previewPool.js';
import { sharedClockMs } from './sharedClock.js';

export interface FramePreparerOptions {
  readonly size: InputSize;
  readonly form: InputForm;
  readonly preprocess: PreprocessOptions;
  readonly framesInFlight: number;
  /** Throws if the session named call is not possible any more; asked before a frame is read and after. */
  readonly assertOpen: (call: string) => void;
}

/** The model input behind a prepared frame. */
export interface PreparedInput {
  readonly input: ArrayBuffer;
  /** `sharedClockMs()` when the input was ready. */
  readonly preparedMs: number;
}

/**
 * The half of a session between frame and model input, for models whose input is an ordinary ArrayBuffer:
 * letterboxes on the libuv pool, holds the inputs of prepared frames, hands each out exactly once.
 */
export class FramePreparer {
  readonly #options: FramePreparerOptions;
  readonly #geometry: GeometrySolver;
  readonly #inputs: BufferPool;
  readonly #previews = new PreviewPool();
  readonly #prepared = new PreparedFrames<PreparedInput>(({ input }) => this.#inputs.give(input));

  constructor(options: FramePreparerOptions) {
    this.#options = options;
    this.#geometry = new GeometrySolver(options.size, options.preprocess.resizeMode);
    // One more than run at once: a frame is prepared while the others are run.
    this.#inputs = new BufferPool(inputBytes(options.form, options.size), options.framesInFlight + 1);
  }

  /** Model inputs that are being written, prepared or claimed; 0 when nothing is in flight. */
  get inputsInUse(): number {
    return this.#inputs.taken;
  }

  /**
   * As `BackendSession.prepare`. Rejects with what `assertOpen` throws, FrameError `size` or `overwritten`,
   * BackendError `too_many_in_flight`.
   */
  async prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    const { form, preprocess, assertOpen } = this.#options;
    assertOpen('prepare');
    const startMs = performance.now();
    const geometry = this.#geometry.solve(frame.header);
    const input = this.#inputs.take();
    const image = preview === null ? null : this.#previews.takeImage(preview);
    try {
      const request = {
        frame: frame.native,
        geometry,
        filter: preprocess.scaleFilter,
        yuvRange: preprocess.yuvRange,
        preview: image === null ? null : previewTarget(image),
      };
      await writeInput(form, request, input);
      assertOpen('prepare');
    } catch (error) {
      this.#inputs.give(input);
      if (image !== null) this.#previews.give(image.rgba);
      throw error;
    }
    const prepared: PreparedFrame = {
      header: frame.header,
      geometry,
      preview: image,
      waitMs: startMs - frame.takenMs,
      prepareMs: performance.now() - startMs,
    };
    this.#prepared.add(prepared, { input, preparedMs: sharedClockMs() });
    return prepared;
  }

  /** The input of a prepared frame, once; to be given back with `giveInput`. Throws ClosedError `prepared_used`. */
  claim(prepared: PreparedFrame, call: string): PreparedInput {
    return this.#prepared.claim(prepared, call);
  }

  /** Takes back a claimed input, after transfers possibly as another object over the same memory. */
  giveInput(input: ArrayBuffer): void {
    this.#inputs.give(input);
  }

  /** As `BackendSession.discard`. */
  discard(prepared: PreparedFrame): void {
    this.giveInput(this.claim(prepared, 'discard').input);
    if (prepared.preview !== null) this.recyclePreview(prepared.preview.rgba);
  }

  /** As `BackendSession.recyclePreview`. */
  recyclePreview(rgba: ArrayBuffer): void {
    this.#previews.give(rgba);
  }
}
