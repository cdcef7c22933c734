import { FrameError } from '../../core/errors.js';
import type { FrameLease } from '../../core/frame.js';
import type { PreparedFrame, PreprocessOptions, PreviewRequest } from '../../core/ports.js';
import type { LetterboxRequest } from '../../native/core.js';
import { GeometrySolver } from './geometrySolver.js';
import type { InputSize } from './inputForm.js';
import { PreparedFrames } from './preparedFrames.js';
import { PreviewPool, previewTarget } from './previewPool.js';

/** Where a backend keeps its model inputs; `Held` is the right to one of them. */
export interface InputStore<Held extends object> {
  /** Letterboxes a frame into a free input. Nothing is held where it rejects. */
  write(request: LetterboxRequest): Promise<Held>;
  giveBack(held: Held): void;
}

/** What a FramePreparer needs to know of its session. */
export interface FramePreparerOptions<Held extends object> {
  readonly size: InputSize;
  readonly preprocess: PreprocessOptions;
  readonly inputs: InputStore<Held>;
  /** Throws if the session named call is not possible any more; asked before a frame is read and after. */
  readonly assertOpen: (call: string) => void;
}

/** NV12 has one chroma value for two by two pixels. */
function checkSides({ format, header: { widthPx, heightPx } }: FrameLease): void {
  if (format !== 'nv12' || (widthPx % 2 === 0 && heightPx % 2 === 0)) return;
  throw new FrameError('size', `a ${widthPx}x${heightPx} frame of NV12; expected even sides`, {
    widthPx,
    heightPx,
  });
}

/**
 * The half of a session between frame and model input: solves the letterbox, has the input written, and hands each
 * prepared input out exactly once.
 */
export class FramePreparer<Held extends object> {
  readonly #options: FramePreparerOptions<Held>;
  readonly #geometry: GeometrySolver;
  readonly #previews = new PreviewPool();
  readonly #prepared: PreparedFrames<Held>;

  constructor(options: FramePreparerOptions<Held>) {
    this.#options = options;
    this.#geometry = new GeometrySolver(options.size, options.preprocess.resizeMode);
    this.#prepared = new PreparedFrames((held) => options.inputs.giveBack(held));
  }

  /**
   * As `BackendSession.prepare`. Rejects with what `assertOpen` throws, FrameError `size` or `roi`, and as the input's `write`.
   */
  async prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    const { preprocess, inputs, assertOpen } = this.#options;
    assertOpen('prepare');
    const startMs = performance.now();
    checkSides(frame);
    const geometry = this.#geometry.solve(frame.header, frame.region);
    const image = preview === null ? null : this.#previews.takeImage(preview);
    let held: Held | null = null;
    try {
      held = await inputs.write({
        frame: frame.native,
        geometry,
        filter: preprocess.scaleFilter,
        yuvRange: preprocess.yuvRange,
        preview: image === null ? null : previewTarget(image),
      });
      assertOpen('prepare');
    } catch (error) {
      if (held !== null) inputs.giveBack(held);
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
    this.#prepared.add(prepared, held);
    return prepared;
  }

  /**
   * The input of a prepared frame, for the caller to run and give back. Throws ClosedError `prepared_used` for a frame
   * that was claimed before, and what `assertOpen` throws: the input has gone back then.
   */
  claim(prepared: PreparedFrame): Held {
    const held = this.#prepared.claim(prepared, 'run');
    try {
      this.#options.assertOpen('run');
    } catch (error) {
      this.#options.inputs.giveBack(held);
      throw error;
    }
    return held;
  }

  /** As `BackendSession.discard`. */
  discard(prepared: PreparedFrame): void {
    this.#options.inputs.giveBack(this.#prepared.claim(prepared, 'discard'));
    if (prepared.preview !== null) this.recyclePreview(prepared.preview.rgba);
  }

  /** As `BackendSession.recyclePreview`. */
  recyclePreview(rgba: ArrayBuffer): void {
    this.#previews.give(rgba);
  }
}
