import type { MessagePort } from 'node:worker_threads';
import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PlainError } from '../../core/plainError.js';
import type { PostprocessOptions } from '../../core/result.js';
import type { SlotLease } from '../../native/bpu.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import type { SlotPostprocessorSetup } from './slotPostprocessor.js';

/** workerData of a post-processing worker. */
export interface WorkerSetup extends SlotPostprocessorSetup {
  readonly port: MessagePort;
  /** One flag: 1 once the worker has answered whether it is ready. */
  readonly answered: Int32Array;
}

export type ToWorker =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly lease: SlotLease;
      readonly geometry: LetterboxGeometry;
      readonly options: PostprocessOptions;
    }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: PlainError }
  | { readonly kind: 'done'; readonly id: number; readonly result: PostprocessResult }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError };
