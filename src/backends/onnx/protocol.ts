import type { LetterboxGeometry } from '../../core/geometry.js';
import type { ModelInfo } from '../../core/ports.js';
import type { PostprocessOptions } from '../../core/result.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import type { InferenceTimes } from '../session/frameResult.js';
import type { NativeGate } from './nativeGate.js';

/** What the worker needs to load a model. */
export interface OpenRequest {
  readonly modelPath: string;
  readonly classNames: readonly string[] | null;
  /** Threads inside one inference; 0 leaves it to the runtime. */
  readonly threads: number;
}

/** workerData of the inference worker, beside LinkSetup. */
export interface InferenceSetup extends OpenRequest {
  readonly gate: NativeGate;
}

/** What the worker learned of the model. */
export type OpenedModel = Omit<ModelInfo, 'path' | 'name' | 'backend'>;

/** One frame for the inference worker. */
export interface InferenceRun {
  /** [1, 3, H, W] f32 RGB 0..1; transferred to the worker, and back with the answer. */
  readonly input: ArrayBuffer;
  readonly geometry: LetterboxGeometry;
  readonly options: PostprocessOptions;
  /** `sharedClockMs()` when the input was ready. */
  readonly preparedMs: number;
}

/** What one run yields inside the worker. */
export interface RunOutcome extends PostprocessResult, InferenceTimes {}
