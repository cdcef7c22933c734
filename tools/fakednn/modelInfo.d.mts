import type { TensorSpec } from '#dist/core/tensor.js';

export interface Nv12InputInfo {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Bytes per row; default: the width. */
  readonly pitchBytes?: number;
}

export type OutputInfo = TensorSpec & {
  /** Where rows have room for more than their elements. */
  readonly alignedDims?: readonly number[];
};

export function renderModelInfo(name: string, input: Nv12InputInfo, outputs: readonly OutputInfo[]): string;

export function withRecordedScales(infoText: string, outputs: readonly TensorSpec[]): string;
