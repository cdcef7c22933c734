import type { Nv12Picture } from '#dist/backends/replay/picture.js';
import type { RecordSummary, TensorSource } from '#dist/backends/replay/recordTensors.js';
import type { OutputScales } from '#dist/backends/replay/scales.js';

export interface FakeModelOptions {
  /** What `hrt_model_exec model_info` printed; default: the outputs as they were recorded. */
  readonly infoText?: string | null;
  readonly coreMs?: number;
  readonly hostMs?: number;
}

export interface FakeModelRequest extends FakeModelOptions {
  /** `NAME.bin`; the recording is `NAME.replay`. */
  readonly path: string;
  readonly model: TensorSource;
  /** For people. */
  readonly modelName: string;
  readonly pictures: Iterable<Nv12Picture> | AsyncIterable<Nv12Picture>;
  readonly scales?: OutputScales;
}

export function writeFakeModel(path: string, options?: FakeModelOptions): Promise<void>;
export function recordFakeModel(request: FakeModelRequest): Promise<RecordSummary>;
