import type { TensorSpec } from '#dist/core/tensor.js';

export const fakednnMagic: string;

export function fakednnText(
  name: string,
  size: { readonly widthPx: number; readonly heightPx: number },
  outputs: readonly TensorSpec[],
): string;

export function writeFakednnModel(recordingFolder: string, modelPath: string): void;
