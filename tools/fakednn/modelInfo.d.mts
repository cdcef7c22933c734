import type { TensorSpec } from '#dist/core/tensor.js';

export const fakednnMagic: string;

/** Milliseconds of a task on the core and beside it. */
export interface TaskTimes {
  readonly coreMs: number;
  readonly hostMs: number;
}

export const boardTimes: TaskTimes;

export function fakednnHead(times: TaskTimes): string;

export interface InputInfo {
  /** Default: NV12. */
  readonly type?: 'NV12' | 'NV12_SEPARATE' | 'RGB';
  readonly widthPx: number;
  readonly heightPx: number;
  /** Bytes per row of a plane; default: the width. */
  readonly pitchBytes?: number;
}

export type OutputInfo = TensorSpec & {
  /** Where rows have room for more than their elements. */
  readonly alignedDims?: readonly number[];
};

export function renderModelInfo(name: string, input: InputInfo, outputs: readonly OutputInfo[]): string;

export function withRecordedScales(infoText: string, outputs: readonly TensorSpec[]): string;
