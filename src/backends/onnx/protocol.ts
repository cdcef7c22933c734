import type { MessagePort } from 'node:worker_threads';
import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PlainError } from '../../core/plainError.js';
import type { Instances, PostprocessOptions } from '../../core/result.js';
import type { TensorSpec } from '../../core/tensor.js';
import type { WorkerControl } from './workerControl.js';

/** What the worker needs to load a model. */
export interface OpenRequest {
  readonly modelPath: string;
  readonly classNames: readonly string[] | null;
  /** Threads inside one inference; 0 leaves it to the runtime. */
  readonly threads: number;
}

/** workerData of the inference worker. */
export interface WorkerSetup extends OpenRequest {
  readonly port: MessagePort;
  readonly control: WorkerControl;
}

/** What the worker learned of the model. */
export interface OpenedModel {
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly classNames: readonly string[];
  readonly outputs: readonly TensorSpec[];
  readonly headForm: string;
}

export type ToWorker =
  | {
      readonly kind: 'run';
      readonly id: number;
      /** [1, 3, H, W] f32 RGB 0..1; moved to the worker and back with the answer. */
      readonly input: ArrayBuffer;
      readonly geometry: LetterboxGeometry;
      readonly options: PostprocessOptions;
      /** `sharedClockMs()` when the input was ready. */
      readonly preparedMs: number;
    }
  | { readonly kind: 'close' };

/** What one run yields inside the worker. */
export interface RunOutcome {
  readonly instances: Instances;
  readonly candidateCount: number;
  readonly candidatesCut: number;
  readonly queueMs: number;
  readonly inferMs: number;
  readonly decodeMs: number;
  readonly masksMs: number;
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly model: OpenedModel }
  | { readonly kind: 'refused'; readonly error: PlainError }
  | { readonly kind: 'done'; readonly id: number; readonly input: ArrayBuffer; readonly outcome: RunOutcome }
  | { readonly kind: 'failed'; readonly id: number; readonly input: ArrayBuffer; readonly error: PlainError };
