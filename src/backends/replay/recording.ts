import type { PreprocessOptions } from '../../core/ports.js';
import type { TensorSpec } from '../../core/tensor.js';
import type { ClassScores } from '../../model/splitHeads.js';
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
  readonly outputs: readonly TensorSpec[];
  readonly frames: readonly RecordedFrame[];
}

/** `letterbox, full, bilinear` for messages. */
export function describePreprocess({ resizeMode, yuvRange, scaleFilter }: PreprocessOptions): string {
  return `${resizeMode}, ${yuvRange}, ${scaleFilter}`;
}
