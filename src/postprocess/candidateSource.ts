import type { TensorView } from '../core/tensor.js';
import type { ClassPairs } from './classPairs.js';
import type { CellScores } from './gridScan.js';

/**
 * Reads candidates from one form of model outputs; cells count through all levels.
 *
 * `bind` sets the tensors that the other methods read, until the next `bind`.
 */
export interface CandidateSource {
  bind(tensors: readonly TensorView[]): void;
  /** Lists in `cellScores` the cells whose best score is above `scoreThreshold` (probability); returns how many. */
  scan(scoreThreshold: number, cellScores: CellScores): number;
  /** Adds to `pairs` every score above the threshold, of classes marked 1 in `allowed`, in the order of cells and classes. */
  scanEveryClass(scoreThreshold: number, allowed: Uint8Array, pairs: ClassPairs): void;
  /** Writes x1, y1, x2, y2 in model pixels into `boxModel`, not clipped; not finite where the outputs are not. */
  readBox(cell: number, boxModel: Float64Array): void;
  /** Writes the [K] mask coefficients of the cell. */
  readCoefs(cell: number, coefs: Float64Array): void;
  /** The probability of a raw score. */
  probOf(score: number): number;
}
