import type { Percentiles } from '../../pipeline/windows.js';

/** Figures of depth since the node was configured; docs/diagnostics.md says what each contains. */
export interface DepthReport {
  /** Depth pictures that were read. */
  readonly pictures: number;
  /** Pictures and camera_infos that could not be read, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Results that a depth picture was found for. */
  readonly paired: number;
  /** Results without, by reason. */
  readonly unpaired: Readonly<Record<string, number>>;
  /** Results that wait or are worked on. */
  readonly waiting: number;
  /** From the result until its depth picture was there, or given up. */
  readonly waitMs: Percentiles;
  /** In the worker. */
  readonly workMs: Percentiles;
}
