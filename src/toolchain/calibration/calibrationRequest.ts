import type { InputForm, InputSize } from '../../backends/session/inputForm.js';
import type { PreprocessOptions } from '../../core/ports.js';

/** `cal_data_type` of hb_mapper's configuration. */
export type CalibrationType = 'float32' | 'uint8';
/** Element types that hb_mapper reads. */
export const calibrationTypes = ['float32', 'uint8'] as const satisfies readonly CalibrationType[];

/** Which calibration set is to be made of which pictures. */
export interface CalibrationRequest {
  /** Folder of pictures. */
  readonly images: string;
  /** The folder to make; the report lies beside it, `FOLDER.yaml`. */
  readonly path: string;
  /** Replace a calibration set of that name. */
  readonly isForced: boolean;
  /** At most so many pictures. */
  readonly count: number;
  readonly size: InputSize;
  readonly type: CalibrationType;
  /** What the compiled model is fed with: NV12 loses colour resolution that RGB keeps. */
  readonly form: InputForm;
  readonly preprocess: PreprocessOptions;
}
