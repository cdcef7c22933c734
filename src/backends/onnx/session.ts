import { ClosedError, ConfigError, FrameError } from '../../core/errors.js';
import type { FrameHeader, FrameLease } from '../../core/frame.js';
import { type LetterboxGeometry, solveLetterbox } from '../../core/geometry.js';
import type {
  BackendSession,
  ModelInfo,
  PreparedFrame,
  PreviewRequest,
  SessionOptions,
} from '../../core/ports.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from '../../core/result.js';
import { letterboxRgbPlanar, resolveFilter } from '../../native/core.js';
import { BufferPool } from './bufferPool.js';
import { PreviewPool } from './previewPool.js';
import { type OpenedModel, sharedClockMs } from './protocol.js';
import type { WorkerLink } from './workerLink.js';

/** How long `close` waits for runs in flight, and again for the worker to end. */
const closeTimeoutMs = 3000;

/**
 * One inference fills the CPU and preparing a frame takes a millisecond, so a second frame in flight gains no
 * rate and ages by a whole inference.
 */
const defaultTasksInFlight = 1;

interface InputInUse {
  readonly input: ArrayBuffer;
  readonly preparedMs: number;
}

/** NV12 scales to even sizes only. */
function evenSize(sizePx: number): number {
  return Math.max(2, Math.floor(sizePx / 2) * 2);
}

/** An opened ONNX model: letterboxes on the libuv pool, infers and post-processes in one worker thread. */
export class OnnxSession implements BackendSession {
  readonly model: ModelInfo;
  readonly tasksInFlight: number;
  readonly #options: SessionOptions;
  readonly #link: WorkerLink;
  readonly #inputs: BufferPool;
  readonly #previews = new PreviewPool();
  /** The input behind each prepared frame until it is run or discarded. */
  readonly #prepared = new WeakMap<PreparedFrame, InputInUse>();
  #geometry: LetterboxGeometry | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: SessionOptions, link: WorkerLink, opened: OpenedModel) {
    this.#options = options;
    this.#link = link;
    this.tasksInFlight = options.tasksInFlight || defaultTasksInFlight;
    this.model = { ...opened, path: options.modelPath, backend: 'onnx' };
    // One more than run at once: a frame is prepared while the others are in the worker.
    this.#inputs = new BufferPool(4 * 3 * opened.inputWidthPx * opened.inputHeightPx, this.tasksInFlight + 1);
  }

  /** Model inputs that are written, prepared or in the worker; 0 when nothing is in flight. */
  get inputsInUse(): number {
    return this.#inputs.taken;
  }

  async prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    this.#assertOpen('prepare');
    const startMs = performance.now();
    const geometry = this.#geometryFor(frame.header);
    const input = this.#inputs.take();
    const image = preview === null ? null : this.#takePreview(preview);
    try {
      await letterboxRgbPlanar({
        frame: frame.native,
        geometry,
        filter: resolveFilter(this.#options.preprocess.scaleFilter, geometry),
        yuvRange: this.#options.preprocess.yuvRange,
        output: input,
        preview:
          image === null ? null : { widthPx: image.widthPx, heightPx: image.heightPx, output: image.rgba },
      });
      this.#assertOpen('prepare');
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
    this.#prepared.set(prepared, { input, preparedMs: sharedClockMs() });
    return prepared;
  }

  async run(prepared: PreparedFrame, options: PostprocessOptions): Promise<FrameResult> {
    const { input, preparedMs } = this.#claim(prepared, 'run');
    if (this.#closing !== null || this.#link.death !== null) {
      this.#inputs.give(input);
      this.#assertOpen('run');
    }
    const { header, geometry } = prepared;
    const outcome = await this.#link.run({ input, geometry, options, preparedMs }, (returned) =>
      this.#inputs.give(returned),
    );
    return {
      header,
      instances: outcome.instances,
      stageTimesMs: {
        wait: prepared.waitMs,
        prepare: prepared.prepareMs,
        queue: outcome.queueMs,
        infer: outcome.inferMs,
        decode: outcome.decodeMs,
        masks: outcome.masksMs,
      },
      candidateCount: outcome.candidateCount,
      candidatesCut: outcome.candidatesCut,
    };
  }

  discard(prepared: PreparedFrame): void {
    this.#inputs.give(this.#claim(prepared, 'discard').input);
    if (prepared.preview !== null) this.#previews.give(prepared.preview.rgba);
  }

  /** Gives back the preview of a result when it has been drawn; optional, saves an allocation. */
  recyclePreview(rgba: ArrayBuffer): void {
    this.#previews.give(rgba);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeTimeoutMs);
    });
    await Promise.race([this.#link.settled(), late]);
    clearTimeout(timer);
    await this.#link.close(closeTimeoutMs);
  }

  #assertOpen(call: string): void {
    if (this.#closing !== null) throw new ClosedError('session_closed', `${call}() on a closed ONNX session`);
    if (this.#link.death !== null) throw this.#link.death;
  }

  #claim(prepared: PreparedFrame, call: string): InputInUse {
    const claimed = this.#prepared.get(prepared);
    if (claimed === undefined) {
      throw new ClosedError(
        'prepared_used',
        `${call}() of frame ${prepared.header.sequence}, which was run or discarded before or is not this session's`,
        { sequence: prepared.header.sequence },
      );
    }
    this.#prepared.delete(prepared);
    return claimed;
  }

  #takePreview(wanted: PreviewRequest): PreviewImage {
    const widthPx = evenSize(wanted.widthPx);
    const heightPx = evenSize(wanted.heightPx);
    return { widthPx, heightPx, rgba: this.#previews.take(widthPx * heightPx * 4) };
  }

  #geometryFor({ widthPx, heightPx }: FrameHeader): LetterboxGeometry {
    const last = this.#geometry;
    if (last !== null && last.sourceWidthPx === widthPx && last.sourceHeightPx === heightPx) return last;
    const { inputWidthPx, inputHeightPx } = this.model;
    const { resizeMode } = this.#options.preprocess;
    try {
      this.#geometry = solveLetterbox(widthPx, heightPx, inputWidthPx, inputHeightPx, resizeMode);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new FrameError('size', `a ${widthPx}x${heightPx} frame: ${error.message}`, error.details, error);
    }
    return this.#geometry;
  }
}
