import { webcrypto } from 'node:crypto';
import type { PreprocessOptions } from '../../core/ports.js';
import type { TensorSpec } from '../../core/tensor.js';
import type { ClassScores } from '../../model/rawHeads.js';
import type { RoleLists } from '../../model/roleLists.js';
import type { InputForm, InputSize } from '../session/inputForm.js';

/** One recorded input. */
export interface RecordedFrame {
  /** `inputHash` of the prepared model input; names the file `frames/<hash>.bin`. */
  readonly hash: string;
  /** What the input was made of, for people: the name of a picture. */
  readonly source: string;
}

/** What `recording.yaml` says: the model as far as its consumers see it, and which inputs were recorded. */
export interface Recording extends InputSize {
  /** File name of the model, for people. */
  readonly model: string;
  readonly form: InputForm;
  /** How frames became inputs; another way of preparing them gives inputs that were not recorded. */
  readonly preprocess: PreprocessOptions;
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** What raw class heads hold. */
  readonly classScores: ClassScores;
  /** Whether the model's heads are known to be one-to-one: by names that are not recorded, or by its manifest. */
  readonly oneToOne: boolean;
  /** The meaning of all raw heads, where shapes, names and classes of the recording alone would not give it; else null. */
  readonly heads: RoleLists | null;
  readonly outputs: readonly TensorSpec[];
  readonly frames: readonly RecordedFrame[];
}

/** `letterbox, full, bilinear` for messages. */
export function describePreprocess({ resizeMode, yuvRange, scaleFilter }: PreprocessOptions): string {
  return `${resizeMode}, ${yuvRange}, ${scaleFilter}`;
}

/** How recordings name this hash. */
export const inputHashName = 'sha256-64';

/** What `inputHash` returns. */
export const inputHashPattern = /^[0-9a-f]{16}$/;

/**
 * Key of a recorded frame: the first 64 bits of the SHA-256 of all bytes of a model input, as 16 hexadecimal
 * digits in the order of the digest. Computed off the event loop.
 */
export async function inputHash(input: ArrayBuffer): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', input);
  return Buffer.from(digest, 0, 8).toString('hex');
}
