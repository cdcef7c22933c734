import type { LetterboxGeometry } from '../../src/core/geometry.js';
import type { TensorView } from '../../src/core/tensor.js';

/** An ONNX file opened on one CPU thread. */
export interface OracleModel {
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  /** Letterboxes a picture file and runs the model; the outputs are copies. */
  run(picturePath: string): Promise<{ readonly geometry: LetterboxGeometry; readonly tensors: TensorView[] }>;
  close(): Promise<void>;
}

export function openModel(modelPath: string): Promise<OracleModel>;
