import type { ParameterValues } from '../config/schema.js';
import type { Check } from './check.js';

/** What a model is opened with. */
export interface ModelRequest {
  readonly kind: 'model';
  readonly backend: 'bpu' | 'onnx' | 'replay';
  readonly modelPath: string;
  readonly values: ParameterValues;
  /** True on an RDK X5, whose BPU would be there. */
  readonly isOnBoard: boolean;
}

/** What a probe process is asked to try: a loan of the middleware, or a model. */
export type ProbeRequest = { readonly kind: 'loan' } | ModelRequest;

/** What it tells: which check it begins, how one ended, and that it has done all. */
export type ProbeMessage =
  | { readonly kind: 'begins'; readonly id: string }
  | { readonly kind: 'check'; readonly check: Check }
  | { readonly kind: 'done' };

/** How a probe tells what it does. */
export interface ProbeSteps {
  /** To be awaited before what may hang: whoever listens knows then what did. */
  begin(id: string): Promise<void>;
  tell(check: Check): void;
}

/** The checks of each probe, in their order. */
export const probeChecks = {
  loan: ['shm.loan'],
  model: [
    'bpu.library',
    'model.load',
    'model.input',
    'model.outputs',
    'model.padding',
    'model.inference',
    // Before what outputs mean: where flushing fails, they are not the model's.
    'bpu.flush',
    'model.heads',
    'model.rate',
    'postprocess.time',
    'postprocess.workers',
    // Last: a release may never return.
    'bpu.release',
  ],
} as const satisfies Record<ProbeRequest['kind'], readonly string[]>;
