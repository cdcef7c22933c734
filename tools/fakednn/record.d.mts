import type { Nv12Picture } from '#dist/backends/replay/picture.js';
import type { TensorSource } from '#dist/backends/replay/recorder.js';
import type { PreprocessOptions } from '#dist/core/ports.js';

export interface FakeModelRequest {
  /** `NAME.bin`; outputs go to `NAME.recordings`. */
  readonly path: string;
  /** What `hrt_model_exec model_info` printed; output names are those of `model`, in any order. */
  readonly infoText: string;
  readonly model: TensorSource;
  readonly preprocess: PreprocessOptions;
  readonly pictures: Iterable<Nv12Picture> | AsyncIterable<Nv12Picture>;
  /** Scales of the ONNX outputs, which replace those of the text. */
  readonly scales?: Readonly<Record<string, readonly number[]>>;
  /** Name in the text to name of the ONNX output, where they differ. */
  readonly names?: Readonly<Record<string, string>>;
}

export function recordFakeModel(request: FakeModelRequest): Promise<number>;
