import type { FrameHeader, FrameLease } from './frame.js';
import type { LetterboxGeometry, ResizeMode, SizePx } from './geometry.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from './result.js';
import type { TensorSpec } from './tensor.js';

/** What a loaded model is, as logs, diagnostics and outputs show it. */
export interface ModelInfo {
  readonly path: string;
  /** As the model file calls it; the file's own name without its ending where it does not. */
  readonly name: string;
  readonly backend: string;
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  /** Index = class id. */
  readonly classNames: readonly string[];
  readonly outputs: readonly TensorSpec[];
  /** One line naming the head form that was recognised. */
  readonly headForm: string;
}

/** Where black and white lie in Y: at 0 and 255, or at 16 and 235. The matrix is BT.601 in both. */
export const yuvRanges = ['full', 'limited'] as const;

/** One of them. */
export type YuvRange = (typeof yuvRanges)[number];

/** Filters of the downscale; `auto` takes box where a side shrinks to less than half, else bilinear. */
export const scaleFilters = ['auto', 'bilinear', 'box'] as const;

/** One of them. */
export type ScaleFilter = (typeof scaleFilters)[number];

/** How a frame becomes a model input. */
export interface PreprocessOptions {
  readonly resizeMode: ResizeMode;
  readonly yuvRange: YuvRange;
  readonly scaleFilter: ScaleFilter;
}

/** Size of the preview wanted with this frame. */
export type PreviewRequest = SizePx;

/** A model input that has been written; the source frame is no longer needed. */
export interface PreparedFrame {
  readonly header: FrameHeader;
  readonly geometry: LetterboxGeometry;
  readonly preview: PreviewImage | null;
  readonly waitMs: number;
  readonly prepareMs: number;
}

/** Threads of a session that post-process whole frames. */
export interface PostprocessThreads {
  /** 0: the caller's thread does it. */
  readonly workers: number;
  /** The figures of which the number was chosen, in words; null where it was given. */
  readonly choice: string | null;
}

/**
 * A loaded model that turns frames into instances; the pipeline knows nothing else of a backend.
 *
 * `prepare` reads the frame once, off the event loop, and never closes it. It rejects with FrameError
 * (`overwritten`) when the pixels changed under the read. Every PreparedFrame is given to exactly one of
 * `run` or `discard`. `run` answers in any order: the pipeline puts the results into that of the frames. It rejects
 * with FrameError for a frame that failed alone; on anything else the pipeline ends. A BackendError means that the
 * session is dead: every later call rejects with it.
 */
export interface BackendSession {
  readonly model: ModelInfo;
  /** How many frames may be between prepare and result at once. */
  readonly framesInFlight: number;
  /**
   * How many of these frames may be between prepare and the end of their inference; more would only wait there and
   * grow old.
   */
  readonly inputsInFlight: number;
  /** How many inferences run beside each other at most; more wait for them. */
  readonly inferencesInFlight: number;
  /** Null where post-processing has no threads of its own. */
  readonly postprocess: PostprocessThreads | null;
  prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame>;
  /** `onInferred` is called at most once, when the frame is done with its inference and not yet post-processed. */
  run(prepared: PreparedFrame, options: PostprocessOptions, onInferred?: () => void): Promise<FrameResult>;
  discard(prepared: PreparedFrame): void;
  /**
   * Takes the bytes of a preview back once it has been drawn, so that the next preview needs no new ones. Callers need
   * not do it.
   */
  recyclePreview(rgba: ArrayBuffer): void;
  /** Ends the session after the work in flight, within a time limit. */
  close(): Promise<void>;
}

/** What a session is to be good at: results as young as they can be, or as many of them, where no frame is dropped. */
export type SessionAim = 'age' | 'rate';

/** What a backend needs to open a model. */
export interface SessionOptions {
  readonly modelPath: string;
  /** Names from the parameters; null takes the model's own, else `class 0`, `class 1`, ... */
  readonly classNames: readonly string[] | null;
  readonly preprocess: PreprocessOptions;
  /** Decides what is left to the backend. */
  readonly aim: SessionAim;
  /** Inferences at once; 0 leaves it to the backend. */
  readonly tasksInFlight: number;
  /** Threads inside one inference; 0 leaves it to the runtime. */
  readonly threads: number;
  /** Threads that post-process whole frames, in backends that have such threads; 0: the caller's thread does it, -1: left to the backend. */
  readonly postprocessWorkers: number;
  readonly bpu: BpuOptions;
}

/** What only the BPU's backend needs. */
export interface BpuOptions {
  /** Path of the vendor's library; empty searches for libdnn.so as the loader does. */
  readonly dnnLibrary: string;
  /** One of several models in the file; empty takes the only one. */
  readonly modelName: string;
  readonly taskTimeoutMs: number;
  /** Of tasks that wait the highest goes first, 0 to 255. */
  readonly priority: number;
}
